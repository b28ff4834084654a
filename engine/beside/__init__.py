"""Looking into a model from a process beside the one that trains it.

The trainer copies weights into memory that both share, which costs it microseconds; the other
process, on another core, runs the probes from these copies. Nothing in here imports Qt.
"""
