"""Looking at texts: one long one, or a folder of them by class."""

from pathlib import Path

from engine.data import prepare
from engine.data.folders import entries
from engine.data.inspect.classes import about_classes
from engine.data.inspect.pictures import previewed, unreadable
from engine.data.inspect.report import Finding, Inspection
from engine.data.kinds import TEXTS
from engine.data.progress import told
from engine.data.separated import text_of_file
from nodes.sources import Prose, Texts

_LENGTH = 128
_SHORTEST_PASSAGES = 8


def inspect_prose(path: Path) -> Inspection:
    """Look at a text that a network could learn to go on writing."""
    text, encoding = text_of_file(path)
    findings = list(about_encoding(encoding, 1, str(path)))
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
    if foreign:
        findings += about_encoding(foreign[0][1], len(foreign), foreign[0][0])
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
        preview=previewed(found, problems),
        split_by="stratified" if len(classes) > 1 else "random",
    )


def about_encoding(encoding: str, count: int, example: str) -> list[Finding]:
    """Say that text is not in UTF-8, and how it is read instead."""
    if encoding == "UTF-8":
        return []
    return [
        Finding(
            code="encoding",
            title=f"The text is read as {encoding}",
            why="It is not in UTF-8. Look at its accents: if they are wrong, save it as UTF-8.",
            count=count,
            examples=(example,),
        )
    ]
