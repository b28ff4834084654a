"""Looking at texts: one long one, or a folder of them by class."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from engine.data import prepare
from engine.data.amounts import grouped
from engine.data.folders import entries
from engine.data.inspect.classes import about_classes
from engine.data.inspect.pictures import about_part, previewed, some_of, unreadable
from engine.data.inspect.report import MOST_NAMED, ColumnFacts, Finding, Inspection
from engine.data.kinds import TEXTS
from engine.data.large.files import ENCODINGS
from engine.data.large.pieces import encoding_of
from engine.data.large.text import Writing
from engine.data.listing import Listing
from engine.data.progress import tell, told
from engine.data.prose import writing_of
from engine.data.separated import text_of_file
from nodes.sources import Column, Prose, Texts

_LENGTH = 128
_SHOWN = 200
_SHORTEST_PASSAGES = 8
_PREVIEWED_LETTERS = 80


def inspect_prose(source: Prose, title: str = "Text to go on writing") -> Inspection:
    """Look at a text that a network could learn to go on writing.

    Args:
        source: Where it lies.
    """
    writing, _ = writing_of(source)
    path = Path(source.path)
    files = len(entries(path, TEXTS)) if path.is_dir() else 1
    found = inspect_writing(source, writing, title, files)
    texts = () if source.column else writing.files
    about = about_encoding([(str(file), ENCODINGS[encoding_of(file)]) for file in texts])
    return msgspec.structs.replace(found, findings=(*about, *found.findings))


def inspect_writing(source: Prose, writing: Writing, title: str, files: int) -> Inspection:
    """Go through a text piece by piece."""
    path = Path(source.path)
    seen = _gone_through(writing)
    length = min(_LENGTH, max(seen.letters // (_SHORTEST_PASSAGES * 2), 1))
    findings = []
    if seen.letters < 2 * _SHORTEST_PASSAGES:
        findings.append(
            Finding(
                code="short",
                title="The text is too short to learn from",
                why=f"It has {seen.letters} letters.",
                weight="stop",
            )
        )
    return Inspection(
        path=str(path),
        title=title,
        name=path.name.partition(".")[0] or "text",
        source=msgspec.structs.replace(source, path=str(path.absolute()), length=length),
        samples=max((seen.letters - 1) // length, 0),
        files=files,
        size_bytes=path.stat().st_size if path.is_file() else writing.size_bytes,
        facts=(
            ("Letters", f"{grouped(seen.letters)}, {len(seen.different)} different"),
            ("Words", grouped(seen.words)),
        ),
        findings=tuple(findings),
        preview=((seen.begin, ""),),
        split_by="order",
    )


@dataclass(slots=True)
class _Seen:
    """What was met in a text."""

    letters: int = 0
    words: int = 0
    different: set[str] = field(default_factory=set)
    begin: str = ""


def _gone_through(writing: Writing) -> _Seen:
    seen = _Seen()
    for text in writing.parts():
        tell(min(seen.letters, writing.size_bytes), writing.size_bytes)
        seen.letters += len(text)
        seen.words += len(text.split())
        seen.different.update(text)
        seen.begin = (seen.begin + text[:_SHOWN])[:_SHOWN]
    return seen


def inspect_column_of_texts(path: Path, described: Sequence[ColumnFacts]) -> Inspection | None:
    """Look at a table of texts that has no answer; None for another one."""
    if any(facts.column.role == "target" for facts in described):
        return None
    texts = [facts.column.name for facts in described if _is_text(facts.column)]
    if not texts:
        return None
    found = inspect_prose(Prose(path=str(path), column=texts[0]), "Texts to go on writing")
    facts = (("Column", texts[0]), *found.facts)
    return msgspec.structs.replace(found, columns=tuple(described), facts=facts)


def _is_text(column: Column) -> bool:
    return column.kind == "text" and column.role == "input"


def inspect_texts(folder: Path, first: Listing | None = None) -> Inspection:
    """Look at texts by class, or at the first few."""
    found = first or entries(folder, TEXTS)
    if not found.classes():
        return inspect_prose(Prose(path=str(folder)), "Texts to go on writing")
    problems, lengths, foreign = [], [], []
    looked_at = some_of(found)
    for entry in told(looked_at, len(looked_at)):
        text, encoding = text_of_file(entry.path)
        if not text.strip():
            problems.append((str(entry.path), "It is empty"))
            continue
        if encoding != "UTF-8":
            foreign.append((str(entry.path), encoding))
        lengths.append(len(prepare.pieces(text, "word")))
    classes = found.classes()
    findings = [*unreadable(problems, len(looked_at)), *about_classes(classes)]
    findings += about_part(len(looked_at), len(found))
    findings += about_encoding(foreign)
    fitting = sorted(lengths)[int(0.9 * (len(lengths) - 1))] if lengths else 1
    return Inspection(
        path=str(folder),
        title="Folder of texts",
        name=folder.name or "texts",
        source=Texts(path=str(folder.absolute()), length=min(max(fitting, 4), 400)),
        samples=len(found),
        files=len(found),
        size_bytes=found.size_bytes,
        classes=classes,
        class_column="label" if classes else "",
        facts=(("Words", f"up to {max(lengths, default=0)} in a text"),),
        findings=tuple(findings),
        preview=tuple(
            (_beginning(Path(file)), label) for file, label in previewed(looked_at, problems)
        ),
        split_by="stratified" if len(classes) > 1 else "random",
    )


def _beginning(file: Path) -> str:
    return " ".join(text_of_file(file)[0][:_PREVIEWED_LETTERS].split())


def about_encoding(read: Sequence[tuple[str, str]]) -> list[Finding]:
    """Say which texts are not in UTF-8, and how they are read instead.

    Args:
        read: Files, and the encodings that they were read in.
    """
    foreign = [(path, name) for path, name in read if name != "UTF-8"]
    if not foreign:
        return []
    one = len(foreign) == 1
    names = ", ".join(sorted({name for _, name in foreign}))
    return [
        Finding(
            code="encoding",
            title=f"{'The text is' if one else f'{len(foreign)} texts are'} read as {names}",
            why=f"{'It is' if one else 'They are'} not in UTF-8. Look at the accents: "
            "if they are wrong, save as UTF-8.",
            count=len(foreign),
            examples=tuple(path for path, _ in foreign[:MOST_NAMED]),
        )
    ]
