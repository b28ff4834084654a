"""The process that runs people's layers to see what they do: lines of JSON in, lines of JSON out.

Started by a :class:`~engine.own_layers.finder.Finder` as ``python -m engine.own_layers.process``.
What the layers print goes to standard error.
"""

import os
import signal
import sys
from typing import BinaryIO, Final

import msgspec

from engine.own_layers.probing import Broke, Outcome, Trial
from nodes.errors import LoomError

READY: Final = b"ready\n"
"""What it says once torch is there and warm."""


def main() -> int:
    """Answer until nobody asks any more."""
    trials, outcomes = _own_streams()
    # Ctrl+C in the terminal of the window is meant for the window, which then ends this process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from engine.own_layers.running import tried, warm_up

    warm_up()
    outcomes.write(READY)
    outcomes.flush()
    decoder = msgspec.json.Decoder(Trial)
    for line in trials:
        trial = decoder.decode(line)
        outcome: Outcome
        try:
            outcome = tried(trial)
        except LoomError as error:
            outcome = Broke(title=error.title, why=error.why)
        outcomes.write(msgspec.json.encode(outcome) + b"\n")
        outcomes.flush()
    return 0


def _own_streams() -> tuple[BinaryIO, BinaryIO]:
    """Take standard input and output for trials, and leave harmless ones in their place."""
    trials, outcomes = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return trials, outcomes


if __name__ == "__main__":
    status = main()
    sys.stderr.flush()
    # Taking torch apart in order takes up to a second.
    os._exit(status)
