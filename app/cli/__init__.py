"""The command line, one file per command.

Its commands run on a server without a display and without the libraries of Qt; only those that
draw a picture load Qt, and only those that compute load torch.
"""

COMMANDS = (
    "templates",
    "new",
    "check",
    "code",
    "show",
    "train",
    "rate",
    "profile",
    "speed",
    "resume",
    "replay",
    "evaluate",
    "predict",
    "export",
    "runs",
    "report",
    "doctor",
    "data",
)
"""The first words that mean a command; any other word is a project to open in the window."""
