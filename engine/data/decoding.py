"""Files decoded once, on all cores, into arrays that are mapped from the cache."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from engine.data import prepare
from engine.data.cache import cached, mapped
from engine.data.gradual import Gradual, make_room_for
from engine.data.listing import Entry, Listing
from engine.data.progress import tell
from nodes.errors import DataError
from nodes.sources import Source

Array = npt.NDArray[Any]
Indices = npt.NDArray[np.int64]
Plan: TypeAlias = tuple[tuple[int, ...], "np.dtype[Any]", Callable[[Entry, tuple[int, ...]], Array]]
"""The size of one sample, its numbers, and what reads it."""

MOST_AT_FIRST: Final = 100_000
_LARGEST_AT_FIRST: Final = 1 << 30
"""Files and bytes that are decoded before anything else; of more nobody wants to wait."""

_GRADUAL_NOTE: Final = (
    "Each file is read when it is first needed and its sample is kept on disk from then on. "
    "Files that cannot be read are told while the model trains."
)
MOST_TOLD: Final = 3
"""Files that an error or a note names."""

_DECODED_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Decoded:
    """The samples of some files."""

    kept: Indices
    """The places of the files that could be read."""

    arrays: Mapping[str, Array | Gradual]
    notes: tuple[str, ...] = ()

    @property
    def is_gradual(self) -> bool:
        """Whether files are decoded when they are first asked for."""
        return any(isinstance(one, Gradual) for one in self.arrays.values())


def decoded(
    source: Source,
    found: Sequence[Entry],
    plans: Mapping[str, Plan],
    files: Sequence[Path] | None = None,
    settings: str = "",
) -> Decoded:
    """Decode every file once: now, or each when it is first asked for where that would take long.

    Args:
        files: What is decoded anew when it changes, if it is not what the entries name.
        settings: What decides the outcome, if it is not the source.

    Raises:
        DataError: Some cannot be read and nobody said to leave them out, or there is no room.
    """
    # Whether problems are left out is said to whoever reads; the samples are the same.
    plain = msgspec.structs.replace(source, skip_problems=False)
    settings = settings or msgspec.json.encode(plain).decode()
    there = [Path(source.path), *_on_disk(found, files)]
    if isinstance(found, Listing):
        settings += found.digest
    if takes_long(len(found), plans):
        return decoded_by_need(found, plans, there, settings)
    folder, facts = cached(there, settings, lambda folder: _write(folder, found, plans))
    notes = answered([tuple(item) for item in facts["problems"]], len(found), source)
    arrays = {name: mapped(folder / f"{name}.npy") for name in plans}
    return Decoded(np.array(facts["kept"], np.int64), arrays, notes)


def takes_long(count: int, plans: Mapping[str, Plan]) -> bool:
    """Say whether so many files are decoded one by one, as they are needed.

    The same on every machine.
    """
    each = sum(int(np.prod(size)) * dtype.itemsize for size, dtype, _ in plans.values())
    return count > MOST_AT_FIRST or count * each > _LARGEST_AT_FIRST


def _on_disk(found: Sequence[Entry], files: Sequence[Path] | None) -> list[Path]:
    if files is None and isinstance(found, Listing) and found.digest:
        return []
    given = [entry.path for entry in found] if files is None else files
    return [file for file in given if file.is_file()]


def decoded_by_need(
    found: Sequence[Entry], plans: Mapping[str, Plan], files: Sequence[Path], settings: str
) -> Decoded:
    """Decode each file when it is first asked for.

    Args:
        files: What is decoded anew when it changes.
        settings: What else decides the outcome.

    Raises:
        DataError: There is no room.
    """

    def write(folder: Path) -> dict[str, Any]:
        for name, (size, dtype, _) in plans.items():
            (folder / name).mkdir()
            make_room_for(folder / name, len(found), size, dtype)
        return {}

    folder, _ = cached(files, f"gradual by field\n{settings}", write)
    values = {name: Gradual(folder / name, found, *plan) for name, plan in plans.items()}
    return Decoded(np.arange(len(found)), values, (_GRADUAL_NOTE,))


def _write(folder: Path, found: Sequence[Entry], plans: Mapping[str, Plan]) -> dict[str, Any]:
    wholes = {
        name: np.lib.format.open_memmap(
            folder / f"{name}.whole", mode="w+", dtype=dtype, shape=(len(found), *size)
        )
        for name, (size, dtype, _) in plans.items()
    }
    kept: list[int] = []
    problems = []
    for place, decoded in enumerate(_decode(found, plans)):
        if isinstance(decoded, str):
            problems.append((str(found[place].path), decoded))
            continue
        for name, value in decoded.items():
            wholes[name][len(kept)] = value
        kept.append(place)
    for name, whole in wholes.items():
        _shorten(folder, name, whole, len(kept))
    return {"kept": kept, "problems": problems}


def _decode(
    found: Sequence[Entry], plans: Mapping[str, Plan]
) -> Iterator[Mapping[str, Array] | str]:
    """Yield the values of each file in order, or why it cannot be read; on all cores."""

    def one(entry: Entry) -> Mapping[str, Array] | str:
        try:
            return {name: read(entry, size) for name, (size, _, read) in plans.items()}
        except prepare.UNREADABLE as error:
            return prepare.reason(error, entry.path)

    # Pillow, libsndfile and soxr let go of the interpreter while they work.
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for begin in range(0, len(found), _DECODED_AT_ONCE):
            tell(begin, len(found))
            yield from pool.map(one, found[begin : begin + _DECODED_AT_ONCE])


def _shorten(folder: Path, name: str, whole: Array, count: int) -> None:
    """Keep the rows that were filled."""
    target = folder / f"{name}.npy"
    if count == len(whole):
        (folder / f"{name}.whole").rename(target)
        return
    np.save(target, whole[:count])
    del whole
    (folder / f"{name}.whole").unlink()


def answered(problems: Sequence[tuple[str, str]], total: int, source: Source) -> tuple[str, ...]:
    """Refuse what cannot be read, or say what was left out.

    Raises:
        DataError: Nobody said to leave it out, or nothing is left.
    """
    if not problems:
        return ()
    if len(problems) == total or not source.skip_problems:
        raise refused(len(problems), total, problems)
    told = _told([(Path(path).name, why) for path, why in problems], len(problems))
    return (f"{len(problems)} of {total} files were left out: {told}.",)


def refused(count: int, total: int, problems: Sequence[tuple[str, str]]) -> DataError:
    """Return the error for files that cannot be read."""
    return DataError(
        f"{count} of {total} files cannot be read",
        why=f"{_told(problems, count)}.",
        hint="Leave them out, or mend the files.",
    )


def _told(problems: Sequence[tuple[str, str]], count: int) -> str:
    """Name the first files with what is wrong, and say how many others there are."""
    told = "; ".join(f"{name}: {why.rstrip('.')}" for name, why in problems[:MOST_TOLD])
    return f"{told}; and {count - MOST_TOLD} more" if count > MOST_TOLD else told
