"""Looking at texts: one long one, or a folder of them by class."""

from collections.abc import Sequence
from pathlib import Path

from engine.data import prepare
from engine.data.folders import entries
from engine.data.inspect.classes import about_classes
from engine.data.inspect.pictures import previewed, unreadable
from engine.data.inspect.report import MOST_NAMED, Finding, Inspection
from engine.data.kinds import TEXTS
from engine.data.progress import told
from engine.data.separated import text_of_file
from nodes.sources import Prose, Texts

_LENGTH = 128
_SHORTEST_PASSAGES = 8
_PREVIEWED_LETTERS = 80


def inspect_prose(path: Path) -> Inspection:
    """Look at a text that a network could learn to go on writing."""
    text, encoding = text_of_file(path)
    findings = list(about_encoding([(str(path), encoding)]))
    length = min(_LENGTH, max(len(text) // (_SHORTEST_PASSAGES * 2), 1))
    if len(text) < 2 * _SHORTEST_PASSAGES:
        findings.append(
            Finding(
                code="short",
                title="The text is too short to learn from",
                why=f"It has {len(text)} letters.",
                weight="stop",
            )
        )
    return Inspection(
        path=str(path),
        title="Text to go on writing",
        name=path.name.partition(".")[0] or "text",
        source=Prose(path=str(path.absolute()), length=length),
        samples=max((len(text) - 1) // length, 0),
        files=1,
        size_bytes=path.stat().st_size,
        facts=(
            ("Letters", f"{len(text)}, {len(set(text))} different"),
            ("Words", str(len(text.split()))),
        ),
        findings=tuple(findings),
        preview=((text[:200], ""),),
        split_by="order",
    )


def inspect_texts(folder: Path) -> Inspection:
    """Look at texts by class."""
    found = entries(folder, TEXTS)
    problems, lengths, foreign = [], [], []
    for entry in told(found, len(found)):
        text, encoding = text_of_file(entry.path)
        if not text.strip():
            problems.append((str(entry.path), "It is empty"))
            continue
        if encoding != "UTF-8":
            foreign.append((str(entry.path), encoding))
        lengths.append(len(prepare.pieces(text, "word")))
    classes = found.classes()
    findings = [*unreadable(problems, len(found)), *about_classes(classes)]
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
            (_beginning(Path(file)), label) for file, label in previewed(found, problems)
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
