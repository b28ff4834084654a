"""Where the commands come from: the menus, the library, the drawing, templates and runs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from PySide6.QtGui import QAction, QKeySequence

from app.blocks import all_blocks, blocks_drawn, key_of
from app.canvas.quick_text import params_for, read_quick_text
from app.commands.command import Command, Source
from app.commands.matching import score
from app.document import Document
from app.shell.preferences import PREFERENCES, Preferences
from engine.analysis.finding import each_level
from engine.analysis.insides import titles_along
from engine.graph.elements import NodePath
from engine.graph.topology import in_order
from engine.project.blocks import Block
from engine.project.templates import Template, all_templates
from nodes.catalogue import CATEGORIES, LAYERS, kind_named, search

_ADDED_BY_FILES = ("input", "output")
_FOUND_BY_HELP = 4


def from_actions(actions: Mapping[str, QAction], places: Mapping[str, str]) -> Source:
    """Offer the actions of the menus.

    Args:
        places: The menu that each action stands in, by its key.
    """

    def find(text: str) -> Iterable[Command]:
        for key, action in actions.items():
            title = action.text().rstrip("…")
            fits = score(text, title, f"{places.get(key, '')} {action.statusTip()}")
            if fits:
                yield Command(
                    key=f"action:{key}",
                    title=title,
                    group="action",
                    run=action.trigger,
                    note=places.get(key, ""),
                    keys=_first_keys(action),
                    score=fits,
                    can_run=action.isEnabled(),
                )

    return find


def from_layers(add: Callable[[str, Mapping[str, object]], object]) -> Source:
    """Offer every kind of layer; numbers behind its name are its parameters, as in quick add."""

    def find(text: str) -> Iterable[Command]:
        typed = read_quick_text(text)
        for kind in search(typed.words):
            info = LAYERS[kind].info
            params = params_for(kind, typed)
            if params is None or info.role in _ADDED_BY_FILES:
                continue
            yield Command(
                key=f"layer:{kind}",
                title=info.title,
                group="layer",
                run=lambda kind=kind, params=params: add(kind, params),  # type: ignore[misc]
                note=CATEGORIES[info.category],
                score=max(score(typed.words, info.title, " ".join(info.aliases)), _FOUND_BY_HELP),
                category=info.category,
                glyph=info.glyph,
            )

    return find


def from_blocks(add: Callable[[str], object], document: Document) -> Source:
    """Offer the blocks, and the layers of one's own; those of the drawing come first."""

    def find(text: str) -> Iterable[Command]:
        for block in all_blocks(blocks_drawn(document)):
            others = f"{block.other_names} {block.summary}"
            fits, key = score(text, block.name, others), key_of(block)
            if fits:
                yield Command(
                    key=key,
                    title=block.name,
                    group="layer",
                    run=lambda key=key: add(key),  # type: ignore[misc]
                    note=_shelf_of(block),
                    score=fits,
                    category="shape",
                    glyph="code" if block.is_layer else "",
                )

    return find


def _shelf_of(block: Block) -> str:
    if block.is_drawn:
        return "In this drawing"
    return "My layers" if block.is_layer else "Blocks"


def from_drawing(document: Document, go_to: Callable[[NodePath], object]) -> Source:
    """Offer the layers of the drawing, then those inside of its composites, in data flow."""

    def find(text: str) -> Iterable[Command]:
        for path, level in each_level(document.model_report):
            around = " › ".join(titles_along(document.model_report, path))
            for node_id in in_order(level.graph):
                node, found = level.graph.nodes[node_id], level.nodes.get(node_id)
                title = found.title if found is not None else node.title or node.kind
                layer = kind_named(node.kind)
                fits = score(text, title, f"{node.name} {node.kind} {around}")
                if fits:
                    yield Command(
                        key=f"node:{'/'.join((*path, node.name))}",
                        title=title,
                        group="drawing",
                        run=lambda way=(*path, node_id): go_to(way),  # type: ignore[misc]
                        note=around or (node.name if node.name != title else ""),
                        score=fits,
                        category=layer.info.category if layer is not None else "shape",
                        glyph=layer.info.glyph if layer is not None else "",
                    )

    return find


def from_templates(begin: Callable[[Template], object]) -> Source:
    """Offer the built-in projects."""

    def find(text: str) -> Iterable[Command]:
        for template in all_templates():
            fits = score(text, template.title, _found_by(template))
            if fits:
                yield Command(
                    key=f"template:{template.key}",
                    title=template.title,
                    group="template",
                    run=lambda template=template: begin(template),  # type: ignore[misc]
                    score=fits,
                )

    return find


def _found_by(template: Template) -> str:
    """Return other words by which a project is found: its key, its data, what it shows."""
    return " ".join((template.key, template.data, template.summary, *template.tags))


def from_runs(
    runs: Callable[[], Sequence[tuple[Path, str, str]]], show: Callable[[Path], object]
) -> Source:
    """Offer the training runs.

    Args:
        runs: Returns the folder, the name and the facts of each, newest first.
    """

    def find(text: str) -> Iterable[Command]:
        for folder, name, facts in runs():
            fits = score(text, name, f"run {folder.name}")
            if fits:
                yield Command(
                    key=f"run:{folder.name}",
                    title=name,
                    group="run",
                    run=lambda folder=folder: show(folder),  # type: ignore[misc]
                    note=facts,
                    score=fits,
                )

    return find


def from_preferences(preferences: Preferences) -> Source:
    """Offer every choice of every preference; the one in force says so."""

    def find(text: str) -> Iterable[Command]:
        for key, preference in PREFERENCES.items():
            for value, word in preference.choices:
                title = f"{preference.title}: {word}"
                fits = score(text, title, f"preferences settings {preference.words}")
                if fits:
                    yield Command(
                        key=f"preference:{key}:{value}",
                        title=title,
                        group="preference",
                        run=lambda key=key, value=value: preferences.choose(key, value),  # type: ignore[misc]
                        note="in force" if value == preferences.value(key) else "",
                        score=fits,
                    )

    return find


def _first_keys(action: QAction) -> str:
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
