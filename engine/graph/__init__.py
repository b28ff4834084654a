"""The drawing as a value: what it holds, how it is edited, compared, ordered and undone.

Nothing here imports torch or Qt. A graph is never changed; an edit returns another one that shares
all that stayed the same.
"""
