"""Frames around what is selected: drawn, named, dissolved."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from app.canvas.words import layers_text
from engine.graph.edits import add_frame
from engine.graph.elements import Frame, Graph, NodeId
from engine.graph.framing import (
    colour_frames,
    enlarge_titles,
    fold_frames,
    frames_of,
    remove_frames,
    rename_frame,
    with_room_above,
)

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

_NEW = "Frame"


class Framing:
    """What can be asked of frames; a frame is selected when all of its layers are."""

    def __init__(self, view: CanvasView) -> None:
        self._view = view

    def frame(self) -> None:
        """Draw a frame around the selected layers and ask for its name."""
        document = self._view.document
        nodes = document.selection
        if not nodes:
            self._view.tell("Select the layers that the frame is to hold")
            return
        label = f"Frame {layers_text(document, nodes)}"
        if document.edit(label, lambda graph: _framed(graph, nodes)):
            self._view.open_frame_title(document.graph.frames[-1].id)

    def dissolve(self) -> None:
        """Take the frames of the selected layers away."""
        document = self._view.document
        frames = frames_of(document.graph, document.selection)
        if not frames:
            self._view.tell("Select a frame, or a layer in one, to dissolve it")
            return
        ids = {frame.id for frame in frames}
        document.edit(f"Dissolve {_names(frames)}", lambda graph: remove_frames(graph, ids))

    def toggle_fold(self, frame_ids: Collection[str] | None = None) -> None:
        """Fold frames to bars, those of the selected layers unless told; or open them again."""
        frames = self._frames(frame_ids)
        if frames:
            folded = not all(frame.folded for frame in frames)
            ids = {frame.id for frame in frames}
            label = f"{'Fold' if folded else 'Open'} {_names(frames)}"
            self._view.document.edit(label, lambda graph: fold_frames(graph, ids, folded=folded))

    def colour(self, colour: str) -> None:
        """Colour the frames of the selected layers."""
        frames = self._frames()
        if frames:
            ids, label = {frame.id for frame in frames}, f"Colour {_names(frames)}"
            self._view.document.edit(label, lambda graph: colour_frames(graph, ids, colour))

    def toggle_large_title(self) -> None:
        """Write the titles of the frames of the selected layers large, or as others again."""
        frames = self._frames()
        if frames:
            large = not all(frame.large_title for frame in frames)
            ids, label = {frame.id for frame in frames}, f"Title of {_names(frames)}"
            self._view.document.edit(label, lambda graph: enlarge_titles(graph, ids, large=large))

    def _frames(self, frame_ids: Collection[str] | None = None) -> list[Frame]:
        """Return the frames that are meant; say so where there is none."""
        document = self._view.document
        if frame_ids is not None:
            return [frame for frame in document.graph.frames if frame.id in frame_ids]
        frames = list(frames_of(document.graph, document.selection))
        if not frames:
            self._view.tell("Select a frame, or a layer in one")
        return frames

    def rename(self, frame_id: str, title: str) -> None:
        """Give a frame another name."""
        self._view.document.edit("Rename frame", lambda graph: rename_frame(graph, frame_id, title))

    def selected(self) -> Frame | None:
        """Return the frame whose layers are selected, all of them and no others."""
        document = self._view.document
        frames = document.graph.frames
        return next((f for f in frames if document.selection == frozenset(f.nodes)), None)


def _framed(graph: Graph, nodes: Collection[NodeId]) -> Graph:
    framed = add_frame(graph, _NEW, nodes)
    return with_room_above(framed, framed.frames[-1].id)


def _names(frames: Sequence[Frame]) -> str:
    return frames[0].title if len(frames) == 1 else f"{len(frames)} frames"
