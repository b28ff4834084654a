"""Data sets of Hugging Face's hub by name: looked up, and fetched as the Parquet that it keeps.

Only Parquet files are fetched, and nothing of a data set is run. The hub is another one where
``HF_ENDPOINT`` names it, as for Hugging Face's own library. The addresses are those of
huggingface.co/docs/hub/api and huggingface.co/docs/dataset-viewer/parquet.
"""

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from http.client import HTTPException, HTTPResponse
from itertools import islice
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

import msgspec
import platformdirs

from engine.data.fetched import Fetched, fetched_from, note_fetched
from engine.data.parquet_sets import part_of
from engine.data.progress import tell, told
from nodes.errors import DataError, UsageError

ENDPOINT: Final = "HF_ENDPOINT"
_HUB: Final = "https://huggingface.co"
_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,95}(/[A-Za-z0-9][\w.-]{0,95})?")
_PREFIX: Final = re.compile(r"(hf://|https?://[^/]+/)datasets/")
_SAFE: Final = re.compile(r"[^\w.-]+")
_SECONDS: Final = 30
_PIECE: Final = 1 << 18
_MOST_PIECES: Final = 64
"""What an answer in JSON may be long: 16 MB."""

_MARK: Final = b"PAR1"


class HubSet(msgspec.Struct, frozen=True, kw_only=True):
    """A data set of the hub."""

    name: str
    licence: str = ""
    """As its card says; empty where it says none."""

    revision: str = ""
    subsets: Mapping[str, Mapping[str, int]] = {}
    """Of each subset, the parts with the number of their files."""


def look_up(name: str) -> HubSet:
    """Ask the hub for a data set.

    Args:
        name: ``owner/name``, or the address of its page.

    Raises:
        UsageError: It is no name of a data set.
        DataError: The hub cannot be reached, or has no such data set to give.
    """
    name = _name_of(name)
    about = _answer(f"datasets/{name}", name)
    shards = _answer(f"datasets/{name}/parquet", name)
    subsets = {
        str(subset): {str(part): len(files) for part, files in parts.items()}
        for subset, parts in shards.items()
        if isinstance(parts, dict) and all(isinstance(one, list) for one in parts.values())
    }
    if not subsets:
        raise _refused(name, "The hub has no Parquet files of it.", "Choose another data set.")
    return HubSet(
        name=name, licence=_licence(about), revision=str(about.get("sha") or ""), subsets=subsets
    )


def parts_of(found: HubSet, subset: str) -> dict[str, int]:
    """Return the parts that are fetched: those to train, validate and test where it has such.

    Raises:
        UsageError: There is no such subset.
    """
    parts = found.subsets.get(subset)
    if parts is None:
        raise UsageError(
            f"{found.name} has no subset “{subset[:40]}”",
            why=f"It has {', '.join(list(found.subsets)[:12])}.",
            hint="Choose one of them.",
        )
    return {part: count for part, count in parts.items() if part_of(part)} or dict(parts)


def size_of(found: HubSet, subset: str) -> int:
    """Return how many bytes a subset has, as far as the hub says.

    Raises:
        DataError: The hub cannot be reached.
    """
    return sum(_size(address, found.name) for _, address in told(_shards(found, subset)))


def fetch(found: HubSet, subset: str) -> Path:
    """Fetch a subset and return its folder; what was fetched before is not fetched again.

    Raises:
        UsageError: There is no such subset.
        DataError: The hub cannot be reached, or the disk is full.
        CancelledError: Somebody called it off.
    """
    shards = _shards(found, subset)
    folder = folder_of(found, subset)
    about = Fetched(name=found.name, subset=subset, licence=found.licence, revision=found.revision)
    try:
        if fetched_from(folder) != about:
            # Another revision: its files may differ under the same names.
            shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, exist_ok=True)
        note_fetched(folder, about)
        total = sum(_size(address, found.name) for _, address in shards)
        done = 0
        for place, address in shards:
            done = _fetch(address, folder / place, found.name, done, total)
    except OSError as error:
        raise DataError(
            "The data set cannot be kept",
            why=f"{error.strerror or error}.",
            where=str(folder),
            hint="Free some space and fetch it again: what is here stays.",
        ) from error
    return folder


def folder_of(found: HubSet, subset: str) -> Path:
    """Return where a subset is kept."""
    root = platformdirs.user_data_path("layerloom", appauthor=False) / "hub"
    return root / _plain(found.name) / _plain(subset)


def _name_of(text: str) -> str:
    name = _PREFIX.sub("", text.strip()).strip("/")
    if not _NAME.fullmatch(name):
        raise UsageError(
            "This is no name of a data set",
            where=text[:60],
            hint="Write it as on its page: owner/name.",
        )
    return name


def _shards(found: HubSet, subset: str) -> list[tuple[str, str]]:
    """Return where each file is kept, and its address."""
    above = f"datasets/{found.name}/parquet/{quote(subset, '')}"
    return [
        (f"{_plain(part)}-{number:05}.parquet", f"{above}/{quote(part, '')}/{number}.parquet")
        for part, count in parts_of(found, subset).items()
        for number in range(count)
    ]


def _plain(name: str) -> str:
    """Return a name of the hub as one that leads out of no folder."""
    return _SAFE.sub("--", name).strip(".")[:80] or "data"


def _fetch(address: str, file: Path, name: str, done: int, total: int) -> int:
    """Fetch one file, whole or not at all; return how many bytes are done."""
    if file.is_file():
        return done + file.stat().st_size
    beside = file.with_suffix(".part")
    try:
        with _opened(address, name) as answer, beside.open("wb") as stream:
            for piece in _pieces(answer, name):
                stream.write(piece)
                done += len(piece)
                tell(done, total)
        if not _is_parquet(beside):
            raise _refused(name, "What came is no Parquet file, or not all of one.", "Try again.")
        beside.rename(file)
    finally:
        beside.unlink(missing_ok=True)
    return done


def _pieces(answer: HTTPResponse, name: str) -> Iterator[bytes]:
    try:
        while piece := answer.read(_PIECE):
            yield piece
    except (OSError, HTTPException) as error:
        raise _unreachable(name, error) from error


def _is_parquet(file: Path) -> bool:
    if file.stat().st_size < 2 * len(_MARK):
        return False
    with file.open("rb") as stream:
        begins = stream.read(len(_MARK)) == _MARK
        stream.seek(-len(_MARK), os.SEEK_END)
        return begins and stream.read() == _MARK


def _size(address: str, name: str) -> int:
    with _opened(address, name, method="HEAD") as answer:
        return int(answer.headers.get("Content-Length") or 0)


def _answer(address: str, name: str) -> dict[str, Any]:
    with _opened(address, name) as answer:
        content = b"".join(islice(_pieces(answer, name), _MOST_PIECES))
    try:
        found = json.loads(content)
    except ValueError as error:
        raise _refused(name, "What the hub answers is no JSON.", "Try again later.") from error
    return found if isinstance(found, dict) else {}


def _opened(address: str, name: str, *, method: str = "GET") -> HTTPResponse:
    root = os.environ.get(ENDPOINT, "").rstrip("/") or _HUB
    if not root.startswith(("https://", "http://")):
        raise UsageError(
            f"{ENDPOINT} is no address of the web", where=root[:60], hint="Begin it with https://."
        )
    asked = Request(f"{root}/api/{address}", method=method, headers={"User-Agent": "layerloom"})
    try:
        answer: HTTPResponse = urlopen(asked, timeout=_SECONDS)
    except HTTPError as error:
        error.close()
        raise _not_given(name, error.code) from error
    except (URLError, HTTPException, OSError) as error:
        raise _unreachable(name, error) from error
    return answer


def _not_given(name: str, code: int) -> DataError:
    if code in (401, 403):
        # The hub says the same of what is private and of what is not there.
        return _refused(
            name,
            "There is no such data set, or it asks for an account.",
            "Check the name. Download it with your account otherwise, and drop its folder here.",
        )
    if code in (404, 501):
        return _refused(
            name,
            "There is no such data set, or the hub keeps no Parquet of it.",
            "Check the name on its page.",
        )
    return _refused(name, f"It answers with the code {code}.", "Try again later.")


def _refused(name: str, why: str, hint: str) -> DataError:
    return DataError("The hub does not give this data set", why=why, where=name, hint=hint)


def _unreachable(name: str, error: Exception) -> DataError:
    reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
    words = getattr(reason, "strerror", None) or reason
    return DataError(
        "The hub cannot be reached",
        why=f"{words}".rstrip(".") + ".",
        where=name,
        hint="Check the connection and try again: what has come stays.",
    )


def _licence(about: Mapping[str, Any]) -> str:
    card = about.get("cardData")
    said = card.get("license") if isinstance(card, dict) else None
    words = ", ".join(map(str, said)) if isinstance(said, list) else str(said or "")
    return words[:80]
