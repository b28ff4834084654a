"""The Evaluation panel: how good the model is on the data kept aside, and where it is wrong.

Only shows what events say; which sample is to be looked at is asked through a signal. Its modules
are read in turns of their own, so nothing is read here.
"""
