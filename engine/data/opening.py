"""Opening the data set of a data node: read, split, constants taken, fields ready."""

import functools
from pathlib import Path

import msgspec

from engine.data.arrays import read_arrays
from engine.data.corrections import corrected
from engine.data.fetched import fetched_from
from engine.data.folders import read_images, read_pairs, read_sounds, read_texts
from engine.data.kinds import PICTURES, RECORDINGS, TEXTS
from engine.data.large.files import is_large
from engine.data.large.table import LargeTable, read_large_table
from engine.data.listing import stamp_of
from engine.data.prose import read_prose
from engine.data.record_tables import read_record_table
from engine.data.row_sets import Rows, first_rows
from engine.data.series import read_series
from engine.data.shipped import SHIPPED, no_such
from engine.data.spec import ArrayDataSet, DataSet, DataSpec, Unfitted
from engine.data.splitting import split_of
from engine.data.stand_in import STAND_IN, stand_in
from engine.data.tables import read_table
from nodes.errors import DataError
from nodes.io import Data
from nodes.sources import (
    Arrays,
    Images,
    Pairs,
    PictureTable,
    Prose,
    Series,
    Sounds,
    SoundTable,
    Source,
    Table,
    Texts,
)


def open_data(data: Data) -> DataSet:
    """Open the data set that a data node names, its constants taken from the training part.

    Raises:
        DataError: There is no such data set, its files cannot be read, or cannot be split so.
    """
    if data.source is None and data.dataset == STAND_IN:
        return corrected(stand_in(data.fields), data.corrections)
    shipped = SHIPPED.get(data.dataset)
    if data.source is None and shipped is None:
        raise no_such(data.dataset)
    split = (data.split_by, data.validation_share, data.test_share, data.split_seed)
    stamp = _stamp(data.source) if data.source is not None else (0, 0)
    return corrected(_open(data.dataset, data.source, stamp, split), data.corrections)


def read_source(source: Source) -> Unfitted:
    """Read one's own files as their source describes them.

    Raises:
        DataError: They cannot be read.
    """
    match source:
        case Table():
            return read_large_table(source) if _is_large(source) else read_table(source)
        case Series():
            return read_series(source)
        case Prose():
            return read_prose(source)
        case Images():
            return read_images(source)
        case Pairs():
            return read_pairs(source)
        case PictureTable() | SoundTable():
            return read_record_table(source)
        case Sounds():
            return read_sounds(source)
        case Texts():
            return read_texts(source)
        case Arrays():
            return read_arrays(source)


def own_spec(name: str, source: Source) -> DataSpec:
    """Return what is known of one's own data before it is read."""
    return DataSpec(
        name=name,
        title=name,
        summary="",
        fields=(),
        samples=0,
        notice=_notice(Path(source.path)),
        stop_when_lost=source.stop_when_lost,
    )


def _notice(path: Path) -> str:
    fetched = fetched_from(path)
    if fetched is None:
        return f"Your own files, from {path.name}."
    licence = fetched.licence or "its card says no licence"
    return f"Hugging Face: {fetched.name}, {fetched.subset} ({licence})."


@functools.lru_cache(maxsize=6)
def _content(name: str, source: Source | None, stamp: tuple[int, int]) -> Unfitted:
    del stamp
    return read_source(source) if source is not None else SHIPPED[name].read(read_source)


@functools.lru_cache(maxsize=6)
def _open(
    name: str, source: Source | None, stamp: tuple[int, int], split: tuple[object, ...]
) -> DataSet:
    content = _content(name, source, stamp)
    spec = own_spec(name, source) if source is not None else SHIPPED[name].spec
    by, validation, test, seed = split
    data = msgspec.convert(
        {
            "split_by": by,
            "validation_share": validation,
            "test_share": test,
            "split_seed": seed,
        },
        Data,
    )
    return content.fitted(spec, _training(content, spec, data))


def _training(content: Unfitted, spec: DataSpec, data: Data) -> Rows:
    if data.split_by == "stratified":
        whole = _classified(content, spec)
    else:
        known = msgspec.structs.replace(spec, samples=content.samples)
        whole = ArrayDataSet(known, {}, content.sides)
    training = split_of(whole, data).training
    # A node that holds everything out is told so by the trainer; constants need some samples.
    return training if len(training) else first_rows(content.samples)


def _classified(content: Unfitted, spec: DataSpec) -> DataSet:
    """Return the samples before it is known which train; of a large table the classes alone."""
    if isinstance(content, LargeTable):
        return content.classified(spec)
    return content.fitted(spec, first_rows(content.samples))


def _is_large(source: Table) -> bool:
    try:
        return is_large(Path(source.path))
    except OSError as error:
        raise _moved(source, error) from error


def _stamp(source: Source) -> tuple[int, int]:
    """Return what changes when a file does: how many there are, and when the last was written."""
    path = Path(source.path)
    folders = [path, Path(source.masks)] if isinstance(source, Pairs) else [path]
    try:
        if not path.is_dir():
            return 1, path.stat().st_mtime_ns
        stamps = [stamp_of(folder, _suffixes(source)) for folder in folders]
    except OSError as error:
        raise _moved(source, error) from error
    return sum(count for count, _ in stamps), max(newest for _, newest in stamps)


def _suffixes(source: Source) -> tuple[str, ...]:
    """Return the files that a folder is listed by, where it is."""
    match source:
        case Images() | Pairs():
            return PICTURES
        case Sounds():
            return RECORDINGS
        case Texts():
            return TEXTS
        case Table() | Series() | Prose() | PictureTable() | SoundTable() | Arrays():
            return ()


def _moved(source: Source, error: OSError) -> DataError:
    return DataError(
        "The data is not where it was",
        why=f"{error.strerror or error}.",
        where=source.path,
        hint="Put it back, or choose the file or folder again under Data.",
    )
