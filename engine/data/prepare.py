"""From raw values to what a model takes; the constants come as plain values of a file.

Training and prediction share these lines: an exported folder carries a copy of this file, so it
imports nothing of Layerloom.
"""

import csv
import datetime
import functools
import io
import itertools
import json
import re
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps, UnidentifiedImageError

Array: TypeAlias = npt.NDArray[Any]
Values: TypeAlias = Sequence[Any] | Array
Columns: TypeAlias = Mapping[str, Any]
"""Raw values by column, one for each sample; text, or numbers with NaN where one is missing."""

PADDING, UNKNOWN, RESERVED = 0, 1, 2
MISSING = ("", "NA", "N/A", "NaN", "nan", "null", "None", "?")
"""How tables write that a value is not known."""

TABLES = (".csv", ".tsv", ".tab", ".json", ".jsonl", ".ndjson")
SEPARATORS = ",;\t|"
NO_SOUND = "It holds no sound"
UNREADABLE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    zipfile.BadZipFile,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)
"""What numpy and Pillow raise for files that are damaged or not what their names say."""

# A small file can claim to be a picture of any size. For good, since pictures are read on threads.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)

_WORD = re.compile(r"\w+(?:['’]\w+)?|[^\w\s]")
# A word or marks with the gap before them: put one behind the other, they are the text again.
_CHUNK = re.compile(r" ?\w+| ?[^\w\s]+|\s+(?=\s)|\s")
_CHUNKS_KEPT = 1 << 16
# As people write them: 1,234.5 and 12 %.
_EPOCH = datetime.datetime(1970, 1, 1)  # noqa: DTZ001 - dates are taken as they are written
DATE = re.compile(
    r"(\d{1,4})([-/.])(\d{1,2})(?:\2(\d{1,4}))?"
    r"(?:(?:T| +)(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d*)?)?(?: ?([AaPp])[Mm])?)?"
    r"(?: ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?"
)
"""A day, a month or a moment as tables write it; a zone is passed over."""

CYCLES = (365.2425, 7.0, 1.0)
"""Days of a year, of a week, and of a day."""

_ORNAMENT = re.compile(r"(?<=\d),(?=\d{3}\b)|[\s%€$£]")
DECIMAL_COMMA = r"([+-]?\d+|[+-]?\d{1,3}(?:\.\d{3})+),(\d+(?:[eE][+-]?\d+)?)"
"""A number of a table whose columns are separated by semicolons, as its commas are decimal."""


def prepared(columns: Columns, how: Mapping[str, Any]) -> Array:
    """Return the values of a field for the model, one row for each sample.

    Args:
        how: The constants, as an exported ``config.json`` holds them.

    Raises:
        KeyError: A column is missing.
        ValueError: A value is no number where one is needed.
    """
    match how["type"]:
        case "features":
            return features(columns, how["columns"])
        case "index":
            return index(columns[how["column"]], how)
        case "standard":
            return standardised(columns, how)
        case "plain":
            return side_by_side(columns, how["columns"]).astype(np.float32)
        case "tokens":
            return tokens(columns[how["column"]], how)
        case "answer":
            return np.full((len(next(iter(columns.values()))), how["length"]), PADDING, np.int64)
        case "windows":
            return window(standardised(columns, how), how)[None]
        case _:
            raise ValueError(f"there is no preparation called {how['type']}")


def features(columns: Columns, parts: Sequence[Mapping[str, Any]]) -> Array:
    """Put numbers and one-hot categories side by side.

    Shapes:
        out: (samples, features)
    """
    blocks: list[Array] = []
    for part in parts:
        if part["type"] == "category":
            blocks.append(one_hot(columns[part["name"]], part["values"]))
            continue
        if part["type"] == "date":
            blocks.append(date_parts(columns[part["name"]], part))
            continue
        values = numbers(columns[part["name"]])
        missing = ~np.isfinite(values)
        filled = np.where(missing, part["fill"], values)
        blocks.append(((filled - part["mean"]) / part["deviation"])[:, None])
        if part["marks_missing"]:
            blocks.append(missing[:, None])
    return np.concatenate([block.astype(np.float32) for block in blocks], axis=1)


def date_parts(values: Values, part: Mapping[str, Any]) -> Array:
    """Put time passed beside the places in the year, the week and the day.

    Shapes:
        out: (samples, 5), 2 more where hours count, 1 more where a missing date is marked
    """
    days = dates(values, day_first=part["day_first"])
    missing = ~np.isfinite(days)
    filled = np.where(missing, part["fill"], days)
    parts = [(filled - part["mean"]) / part["deviation"]]
    for length in CYCLES[: 2 + part["has_hours"]]:
        angle = 2 * np.pi * filled / length
        parts += [np.where(missing, 0, np.sin(angle)), np.where(missing, 0, np.cos(angle))]
    if part["marks_missing"]:
        parts.append(missing)
    return np.stack(parts, axis=1)


def one_hot(values: Values, known: Sequence[str]) -> Array:
    """Return a one at the place of each value; only zeros for a value that is not known.

    Shapes:
        out: (samples, known)
    """
    places = index(values, {"values": known, "unknown": True})
    spread: Array = np.eye(len(known) + 1, dtype=np.float32)[places, 1:]
    return spread


def index(values: Values, how: Mapping[str, Any]) -> Array:
    """Return the number of each value.

    Shapes:
        out: (samples,)
    """
    first = int(how["unknown"])
    places = {value: place for place, value in enumerate(how["values"], first)}
    lost = [str(value) for value in values if text_of(value) not in places]
    if lost and not first:
        raise ValueError(f"“{lost[0][:40]}” is none of the values known")
    return np.array([places.get(text_of(value), 0) for value in values], np.int64)


def standardised(columns: Columns, how: Mapping[str, Any]) -> Array:
    """Return (value − mean) / deviation of each column.

    Shapes:
        out: (samples, columns)
    """
    raw = side_by_side(columns, how["columns"])
    scaled: Array = (raw - np.asarray(how["mean"])) / np.asarray(how["deviation"])
    return scaled.astype(np.float32)


def window(values: Array, how: Mapping[str, Any]) -> Array:
    """Return the latest rows, zeros in front of them where fewer will do.

    Shapes:
        out: (length, columns)

    Raises:
        ValueError: There are too few.
    """
    lacking = max(how["length"] - len(values), 0)
    if lacking and not how.get("fills"):
        raise ValueError(f"it has {len(values)} rows, the model reads the latest {how['length']}")
    return np.pad(values[-how["length"] :], ((lacking, 0), (0, 0)))


def side_by_side(columns: Columns, names: Sequence[str]) -> Array:
    """Return the numbers of some columns as they are.

    Shapes:
        out: (samples, names)

    Raises:
        ValueError: A value is text, or missing.
    """
    raw = np.stack([numbers(columns[name]) for name in names], axis=1)
    if not np.isfinite(raw).all():
        column = names[int(np.argwhere(~np.isfinite(raw))[0][1])]
        raise ValueError(f"a value of {column} is missing")
    return raw


def tokens(texts: Sequence[str], how: Mapping[str, Any]) -> Array:
    """Return the numbers of the tokens of each text.

    Shapes:
        out: (texts, length)
    """
    places = {token: place for place, token in enumerate(how["vocabulary"], RESERVED)}
    length = how["length"]
    split = splitter(how["unit"], how["vocabulary"])
    found = [[places.get(token, UNKNOWN) for token in split(str(text or ""))] for text in texts]
    filled = np.full((len(found), length), how["padding"], np.int64)
    for place, row in enumerate(found):
        kept = row[-length:] if how["keeps_end"] else row[:length]
        first = 0 if how.get("fills_end") else length - len(kept)
        filled[place, first : first + len(kept)] = kept
    return filled


def splitter(unit: str, vocabulary: Sequence[str]) -> Callable[[str], list[str]]:
    """Return what splits a text into the tokens that a model reads."""
    if unit != "subword":
        return lambda text: pieces(text, unit)
    ranks = {token: rank for rank, token in enumerate(vocabulary)}
    # Texts repeat their words.
    split = functools.lru_cache(_CHUNKS_KEPT)(lambda chunk: subwords(chunk, ranks))
    return lambda text: list(itertools.chain.from_iterable(map(split, pieces(text, unit))))


def pieces(text: str, unit: str) -> list[str]:
    """Split a text into lower-case words and marks, its characters, or chunks for subwords."""
    match unit:
        case "character":
            return list(text)
        case "subword":
            return _CHUNK.findall(text)
        case _:
            return _WORD.findall(text.lower())


def subwords(chunk: str, ranks: Mapping[str, int]) -> list[str]:
    """Put the characters of a chunk together to tokens, those that were learned first first.

    Args:
        ranks: In which order the tokens were learned.
    """
    found = list(chunk)
    while len(found) > 1:
        pairs = [left + right for left, right in itertools.pairwise(found)]
        place = min(range(len(pairs)), key=lambda place: ranks.get(pairs[place], len(ranks)))
        if pairs[place] not in ranks:
            break
        found[place : place + 2] = [pairs[place]]
    return found


def numbers(values: Values) -> Array:
    """Read numbers, NaN where there is none.

    Shapes:
        out: (samples,)

    Raises:
        ValueError: A value is text.
    """
    if isinstance(values, np.ndarray) and values.dtype.kind in "fiub":
        return values.astype(np.float64)
    return np.array([number(value) for value in values], np.float64)


def number(value: Any) -> float:
    """Read one number, NaN where it is missing.

    Raises:
        ValueError: It is text.
    """
    text = text_of(value)
    try:
        return float(_ORNAMENT.sub("", text)) if text else float("nan")
    except ValueError as error:
        raise ValueError(f"“{text[:40]}” is no number") from error


def dates(values: Values, *, day_first: bool) -> Array:
    """Read dates as days since 1970, NaN where there is none.

    Shapes:
        out: (samples,)

    Raises:
        ValueError: A value is no date.
    """
    texts = [text_of(value) for value in values]
    known = {text: date(text, day_first=day_first) for text in {*texts}}
    return np.array([known[text] for text in texts], np.float64)


def date(value: Any, *, day_first: bool = False) -> float:
    """Read one date, and the time of day if it is given, as days since 1970; NaN if missing.

    Args:
        day_first: 01/02/2020 is in February.

    Raises:
        ValueError: It is no date.
    """
    text = text_of(value)
    if not text:
        return float("nan")
    found = DATE.fullmatch(text)
    try:
        moment = _moment(found, day_first=day_first) if found else None
    except ValueError:
        moment = None
    if moment is None:
        raise ValueError(f"“{text[:40]}” is no date")
    return (moment - _EPOCH) / datetime.timedelta(days=1)


def _moment(found: "re.Match[str]", *, day_first: bool) -> datetime.datetime:
    year, month, day = _year_month_day(*found.group(1, 2, 3, 4), day_first=day_first)
    hour, minute, second = (int(found[place] or 0) for place in (5, 6, 7))
    if found[8]:
        hour = hour % 12 + 12 * (found[8] in "Pp")
    return datetime.datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - as written


def date_text(days: float) -> str:
    """Write a moment, in days since 1970, as year, month, day, hour and minute."""
    # Whole seconds: as a fraction of a day a minute may come out a little short.
    return f"{_EPOCH + datetime.timedelta(seconds=round(days * 86_400)):%Y-%m-%d %H:%M}"


def is_day_first(values: Values) -> bool:
    """Say whether dates like 13/02/2020 show that the day comes before the month."""
    found = (DATE.fullmatch(text_of(value)) for value in {*values})
    return any(one and len(one[1]) <= 2 and one[2] != "." and int(one[1]) > 12 for one in found)


def _year_month_day(
    first: str, mark: str, second: str, third: str | None, *, day_first: bool
) -> tuple[int, int, int]:
    if len(first) == 4:
        return int(first), int(second), int(third or 1)
    if third is None or len(third) != 4:
        raise ValueError
    month, day = int(first), int(second)
    if mark == "." or day_first:
        month, day = day, month
    # Nobody has a thirteenth month.
    return (int(third), day, month) if month > 12 else (int(third), month, day)


def text_of(value: Any) -> str:
    """Return a value as the text that categories are known by; empty where it is missing."""
    text = "" if value is None else str(value).strip()
    if text in MISSING:
        return ""
    # A table of numbers may have made 1.0 of the category 1.
    return text[:-2] if text.endswith(".0") and text[:-2].lstrip("-").isdecimal() else text


def rows(path: Path) -> dict[str, list[Any]]:
    """Read a small table, column by column: CSV, TSV, JSON or JSON lines.

    Raises:
        ValueError: It is not such a table.
        OSError: The file cannot be read.
    """
    return rows_of(path.read_text(encoding="utf-8-sig"), path.suffix.lower())


def rows_of(text: str, suffix: str) -> dict[str, list[Any]]:
    """Read the text of a small table, column by column.

    Args:
        suffix: The ending that says how the table is written: ``.csv``.

    Raises:
        ValueError: It is not such a table.
    """
    if suffix == ".json":
        found = json.loads(text)
        return columns_of(found if isinstance(found, list) else [found])
    if suffix in (".jsonl", ".ndjson"):
        return columns_of([json.loads(line) for line in text.splitlines() if line.strip()])
    head = text.splitlines()[0] if text else ""
    separator = "\t" if suffix in (".tsv", ".tab") else separator_of(head)
    found = columns_of(list(csv.DictReader(io.StringIO(text), delimiter=separator)))
    return _with_points(found) if separator == ";" else found


def _with_points(columns: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: [with_point(value) for value in values] for name, values in columns.items()}


def with_point(value: Any) -> Any:
    """Write a number with a decimal comma, like 1.234,5, with a point; leave all else as it is."""
    found = re.fullmatch(DECIMAL_COMMA, str(value or "").strip())
    return f"{found[1].replace('.', '')}.{found[2]}" if found else value


def columns_of(found: Sequence[Any]) -> dict[str, list[Any]]:
    """Turn records into columns.

    Raises:
        ValueError: There are none, or one is no record.
    """
    if not found or not all(isinstance(record, dict) for record in found):
        raise ValueError("no rows with named columns")
    return {name: [record.get(name) for record in found] for name in found[0] if name is not None}


def separator_of(head: str) -> str:
    """Return what separates the columns of a table, judged by its first line."""
    return max(SEPARATORS, key=lambda mark: (head.count(mark), -SEPARATORS.index(mark)))


def reason(error: BaseException, path: Path | None = None) -> str:
    """Say in one line why a file cannot be read, without its name."""
    if path is not None and path.is_file() and not path.stat().st_size:
        return "It has no bytes"
    if isinstance(error, UnidentifiedImageError):
        return "It is no picture"
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return _too_large(str(error))
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    # What libsndfile says, without the path that soundfile puts before it.
    told = getattr(error, "error_string", "") or str(error)
    return told.splitlines()[0].split(" <_io")[0] if told else "It is empty"


def _too_large(told: str) -> str:
    pixels = re.search(r"\d+", told)
    claimed = f"{int(pixels[0]) // 1_000_000} million" if pixels else "too many"
    most = f"{(Image.MAX_IMAGE_PIXELS or 0) // 1_000_000} million"
    return f"It has {claimed} pixels; pictures of up to {most} are read"


def picture(path: Path | BinaryIO, size: Sequence[int], *, invert: bool = False) -> Array:
    """Read a picture in the size and the colours that the model takes.

    Shapes:
        out: (channels, height, width), uint8

    Raises:
        OSError: It is no picture, damaged, or too large to be one.
    """
    channels, height, width = size
    with Image.open(path) as opened:
        image = _flat(ImageOps.exif_transpose(opened), "L" if channels == 1 else "RGB")
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BILINEAR)
    if invert:
        image = ImageOps.invert(image)
    pixels = np.asarray(image).reshape(height, width, channels).transpose(2, 0, 1)
    return np.ascontiguousarray(pixels)


def picture_size(path: Path | BinaryIO) -> tuple[int, int]:
    """Return height and width of a picture, the right way up.

    Raises:
        OSError: It is no picture, damaged, or too large to be one.
    """
    with Image.open(path) as opened:
        width, height = ImageOps.exif_transpose(opened).size
    return height, width


def _flat(image: Image.Image, mode: str) -> Image.Image:
    """Bring a picture to 8 bits a colour, and what shows through it to white."""
    if image.mode == "F":
        values = np.nan_to_num(np.asarray(image))
        # Floats go from 0 to 1, or are meant as bytes.
        values = values * 255 if values.max(initial=0) <= 1 else values
        image = Image.fromarray(values.clip(0, 255).astype(np.uint8))
    if image.mode.startswith("I"):
        image = Image.fromarray((np.asarray(image).clip(0, 65535) / 257).astype(np.uint8))
    if image.has_transparency_data:
        paper = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(paper, image.convert("RGBA"))
    return image.convert(mode)


def recording(path: Any, how: Mapping[str, Any]) -> Array:
    """Read a sound file at the rate and the length that the model takes.

    Shapes:
        out: (1, length)

    Raises:
        OSError: The file cannot be read as sound, or holds none.
    """
    import soundfile

    try:
        samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    except soundfile.SoundFileError as error:
        raise OSError(reason(error)) from error
    if not len(samples):
        raise OSError(NO_SOUND)
    if not np.isfinite(samples).all():
        raise OSError("Some of its values are infinite or not a number")
    return fitted(samples.mean(axis=1), rate, how)


def fitted(samples: Array, rate: int, how: Mapping[str, Any]) -> Array:
    """Resample, then cut or fill up with silence.

    Shapes:
        samples: (time,)
        out: (1, length)
    """
    if rate != how["rate"]:
        import soxr

        samples = soxr.resample(samples, rate, how["rate"])
    kept = samples[: how["length"]].astype(np.float32)
    return np.pad(kept, (0, how["length"] - len(kept)))[None]
