"""Tables too large to be held: read block by block, with one order that any step can be resumed at.

Nothing in here imports torch.
"""
