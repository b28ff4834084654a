"""What can be said of a drawing without running it: shapes, problems, fixes and cost.

Nothing here imports torch or Qt, and nothing raises on a half-built drawing.
"""
