"""What is done with a drawing: edit, check, save, compile, train, watch, take away.

Nothing in this package imports Qt. What serves the window (``graph``, ``project``, ``analysis``,
``compile.plan`` and ``.source``, ``runs``, and the session's side of ``training``) does not import
torch either: torch belongs to the worker process.
"""
