"""The Try it panel: an input of one's own, what the model makes of it, and why.

Says by signals what is to be looked at and shows the events that answer; knows no other panel. Its
modules are read in turns of their own, so nothing is read here.
"""
