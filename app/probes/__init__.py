"""The Activations panel: what one layer puts out for one sample, and how that changes.

Only shows what events say; which layer and which sample is asked through signals.
"""
