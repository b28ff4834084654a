"""Files decoded once, on all cores, into arrays that are mapped from the cache."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import numpy as np
import numpy.typing as npt

from engine.data import prepare
from engine.data.cache import cached, mapped
from engine.data.progress import tell
from nodes.errors import DataError
from nodes.sources import Source

Array = npt.NDArray[Any]
Plan: TypeAlias = tuple[
    tuple[int, ...], "np.dtype[Any]", Callable[["Entry", tuple[int, ...]], Array]
]
"""The size of one sample, its numbers, and what reads it."""

_TOLD = 3
_DECODED_AT_ONCE = 256


class Entry(msgspec.Struct, frozen=True):
    """A file of a folder, and the class that its place says."""

    path: Path
    label: str
    part: int | None = None
    """From a folder called ``train``, ``val`` or ``test`` above the classes."""


def decoded(
    source: Source,
    found: Sequence[Entry],
    plans: Mapping[str, Plan],
    files: Sequence[Path] | None = None,
    settings: str = "",
) -> tuple[list[Entry], dict[str, Array], tuple[str, ...]]:
    """Decode every file once; return those that could be, their arrays, and what to tell.

    Args:
        files: What is decoded anew when it changes, if it is not what the entries name.
        settings: What decides the outcome, if it is not the source.

    Raises:
        DataError: Some cannot be read and nobody said to leave them out, or there is no room.
    """

    def write(folder: Path) -> dict[str, Any]:
        return _write(folder, found, plans)

    given = [entry.path for entry in found] if files is None else files
    there = [Path(source.path), *(file for file in given if file.is_file())]
    # Whether problems are left out is said to whoever reads; the samples are the same.
    plain = msgspec.structs.replace(source, skip_problems=False)
    folder, facts = cached(there, settings or msgspec.json.encode(plain).decode(), write)
    notes = answered([tuple(item) for item in facts["problems"]], len(found), source)
    arrays = {name: mapped(folder / f"{name}.npy") for name in plans}
    return [found[place] for place in facts["kept"]], arrays, notes


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
    told = "; ".join(f"{Path(path).name}: {why}" for path, why in problems[:_TOLD])
    return (f"{len(problems)} of {total} files were left out: {told}.",)


def refused(count: int, total: int, problems: Sequence[tuple[str, str]]) -> DataError:
    """Return the error for files that cannot be read."""
    told = "; ".join(f"{path}: {why.rstrip('.')}" for path, why in problems[:_TOLD])
    more = f"; and {count - _TOLD} more" if count > _TOLD else ""
    return DataError(
        f"{count} of {total} files cannot be read",
        why=f"{told}{more}.",
        hint="Leave them out, or mend the files.",
    )
