"""Which code a person trusts: remembered by its hash in their own settings, never in a project.

What is not remembered is not trusted, and changed code is other code.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import platformdirs

from engine.atomic import write_atomically
from engine.graph.elements import Graph
from engine.graph.own_layers import used_code
from nodes.errors import ProjectError, TrustError

_kept: dict[Path, tuple[tuple[int, int], frozenset[str]]] = {}


def trust_file() -> Path:
    """Return the file of the person's settings that holds a hash a line."""
    return platformdirs.user_config_path("layerloom", appauthor=False) / "trusted-code.txt"


def code_hash(text: str) -> str:
    """Return what a text is remembered by."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def is_trusted(text: str) -> bool:
    """Say whether the person trusts exactly this text."""
    return code_hash(text) in _trusted()


def trust(texts: Iterable[str]) -> None:
    """Remember that the person trusts these texts.

    Raises:
        ProjectError: The file of their settings cannot be written.
    """
    hashes = [one for one in dict.fromkeys(map(code_hash, texts)) if one not in _trusted()]
    if not hashes:
        return
    file = trust_file()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("a", encoding="ascii") as stream:
            stream.writelines(f"{one}\n" for one in hashes)
    except OSError as error:
        raise ProjectError(
            "What you trust cannot be remembered",
            why=f"{error.strerror or error}.",
            where=str(file),
            hint="Free the place, or change its permissions.",
        ) from error


def trusted_count() -> int:
    """Return how many texts the person trusts."""
    return len(_trusted())


def forget_trust() -> None:
    """Forget all texts that the person trusts.

    Raises:
        ProjectError: The file of their settings cannot be written.
    """
    _remember_only(())


def distrust(texts: Iterable[str]) -> None:
    """Forget that the person trusts these texts.

    Raises:
        ProjectError: The file of their settings cannot be written.
    """
    hashes = set(map(code_hash, texts))
    _remember_only(_trusted() - hashes)


def untrusted_code(graph: Graph) -> Mapping[str, str]:
    """Return the code that a drawing uses and that the person does not trust, by name."""
    names = (name for name in used_code(graph) if name in graph.code)
    return {name: graph.code[name] for name in names if not is_trusted(graph.code[name])}


def untrusted(name: str) -> TrustError:
    """Return what is said of code that is not trusted."""
    return TrustError(
        f"The code of “{name[:40]}” was not run",
        why="It came with the project, and you have not said that you trust it.",
        hint="Look at the code, and choose Run it.",
    )


def check_trusted(graph: Graph, where: str) -> None:
    """Refuse to run a drawing whose code is not trusted.

    Raises:
        TrustError: Names the layers whose code it is.
    """
    check_texts(untrusted_code(graph).values(), where)


def check_texts(texts: Iterable[str], where: str) -> None:
    """Refuse to run texts that are not trusted.

    Raises:
        TrustError: Says how much of them there is.
    """
    lines = [len(text.splitlines()) for text in texts if not is_trusted(text)]
    if lines:
        count = "a layer" if len(lines) == 1 else f"{len(lines)} layers"
        raise TrustError(
            "The project carries code that you have not trusted yet",
            why=f"It holds {count} in Python: {sum(lines)} lines that would be run.",
            where=where,
            hint="Read it in the project file. If you trust it, add --trust.",
        )


def _remember_only(hashes: Iterable[str]) -> None:
    file = trust_file()
    if file.exists():
        write_atomically(file, "".join(f"{one}\n" for one in sorted(hashes)).encode("ascii"))


def _trusted() -> frozenset[str]:
    file = trust_file()
    try:
        status = file.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        known = _kept.get(file)
        if known is None or known[0] != stamp:
            _kept[file] = known = (stamp, frozenset(file.read_text("ascii").split()))
    except (OSError, ValueError):
        return frozenset()
    return known[1]
