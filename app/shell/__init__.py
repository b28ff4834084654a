"""The frame of the window: header, rail, docks, status bar, and what its menus hold.

The shell knows where panels stand and nothing of what they show.
"""
