"""The Data panel: what the network learns from, and how it is split.

Its modules are read in turns of their own, so nothing is read here.
"""
