"""Looking at a folder, or a zip, of recordings."""

import io
import statistics
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

from engine.data import prepare
from engine.data.folders import entries, zipped
from engine.data.inspect.classes import about_classes
from engine.data.inspect.pictures import about_part, previewed, some_of, unreadable
from engine.data.inspect.report import Finding, Inspection
from engine.data.kinds import RECORDINGS
from engine.data.listing import Entry, Listing
from engine.data.progress import told
from nodes.sources import Sounds

_HIGHEST_RATE = 16_000
_LONGEST_SECONDS = 4.0

Head = tuple[int, float, int]
"""Rate, seconds, channels."""


def inspect_sounds(path: Path, first: Listing | None = None) -> Inspection:
    """Look at the head of every recording, or of the first few."""
    if path.is_file():
        found = zipped(path)
        looked_at = some_of(found)
        with zipfile.ZipFile(path) as archive:
            heads, problems = heads_of(
                ((str(entry.path), _opener(archive, entry)) for entry in found), len(found)
            )
    else:
        found = first or entries(path, RECORDINGS)
        looked_at = some_of(found)
        opened = ((str(entry.path), lambda file=entry.path: file) for entry in looked_at)
        heads, problems = heads_of(opened, len(looked_at))
    classes = found.classes()
    rate, length = proposed_form(heads)
    return Inspection(
        path=str(path),
        title="Recordings",
        name=path.stem or "sounds",
        source=Sounds(path=str(path.absolute()), rate=rate, length=length),
        samples=len(found),
        files=len(found),
        size_bytes=path.stat().st_size if path.is_file() else found.size_bytes,
        classes=classes,
        class_column="label" if classes else "",
        facts=facts_of(heads),
        findings=(
            *unreadable(problems, len(looked_at)),
            *about_rates(heads, rate),
            *about_classes(classes),
            *about_part(len(looked_at), len(found)),
        ),
        preview=previewed(looked_at, problems),
        split_by="stratified" if len(classes) > 1 else "random",
    )


def _opener(archive: zipfile.ZipFile, entry: Entry) -> Callable[[], BinaryIO]:
    return lambda: io.BytesIO(archive.read(entry.path.as_posix()))


def heads_of(
    found: Iterable[tuple[str, Callable[[], Path | BinaryIO]]], total: int
) -> tuple[list[Head], list[tuple[str, str]]]:
    """Look at recordings by name: what they are, and which of them cannot be read, and why."""
    import soundfile

    heads, problems = [], []
    for name, opened in told(found, total):
        try:
            head = soundfile.info(opened())
        except (OSError, RuntimeError) as error:
            problems.append((name, prepare.reason(error, Path(name))))
            continue
        if not head.frames:
            problems.append((name, prepare.NO_SOUND))
            continue
        heads.append((head.samplerate, head.duration, head.channels))
    return heads, problems


def proposed_form(heads: Sequence[Head]) -> tuple[int, int]:
    """Propose a rate, and a length that nearly all recordings fit into."""
    rates = Counter(rate for rate, _, _ in heads).most_common(1)
    rate = min(rates[0][0], _HIGHEST_RATE) if rates else _HIGHEST_RATE
    seconds = sorted(seconds for _, seconds, _ in heads) or [1.0]
    fitting = min(seconds[int(0.95 * (len(seconds) - 1))], _LONGEST_SECONDS)
    return rate, max(round(fitting * 10) * rate // 10, rate // 10)


def about_rates(heads: Sequence[Head], rate: int) -> list[Finding]:
    """Say that recordings differ in rate or channels, and what all are read as."""
    rates = Counter(f"{hertz / 1000:g} kHz" for hertz, _, _ in heads)
    channels = Counter("one channel" if count == 1 else "several" for *_, count in heads)
    different = [counts for counts in (rates, channels) if len(counts) > 1]
    if not different:
        return []
    told = "; ".join(
        ", ".join(f"{amount} with {words}" for words, amount in counts.most_common())
        for counts in different
    )
    return [
        Finding(
            code="rates",
            title="The recordings differ in rate or channels",
            why=f"{told}. All are read at {rate / 1000:g} kHz, their channels as one.",
        )
    ]


def facts_of(heads: Sequence[Head]) -> tuple[tuple[str, str], ...]:
    """Tell rates and lengths in words."""
    if not heads:
        return ()
    rates = sorted({rate for rate, _, _ in heads})
    seconds = [seconds for _, seconds, _ in heads]
    return (
        ("Rate", ", ".join(f"{rate / 1000:g} kHz" for rate in rates[:4])),
        (
            "Length",
            f"{min(seconds):.1f} to {max(seconds):.1f} s, mostly "
            f"{statistics.median(seconds):.1f} s",
        ),
    )
