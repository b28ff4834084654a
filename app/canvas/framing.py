"""Frames around what is selected: drawn, named, dissolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.canvas.words import layers_text
from engine.graph.edits import add_frame
from engine.graph.elements import Frame
from engine.graph.framing import frames_of, remove_frames, rename_frame

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
        if document.edit(label, lambda graph: add_frame(graph, _NEW, nodes)):
            self._view.open_frame_title(document.graph.frames[-1].id)

    def dissolve(self) -> None:
        """Take the frames of the selected layers away."""
        document = self._view.document
        frames = frames_of(document.graph, document.selection)
        if not frames:
            self._view.tell("Select a frame, or a layer in one, to dissolve it")
            return
        ids = {frame.id for frame in frames}
        names = frames[0].title if len(frames) == 1 else f"{len(frames)} frames"
        document.edit(f"Dissolve {names}", lambda graph: remove_frames(graph, ids))

    def rename(self, frame_id: str, title: str) -> None:
        """Give a frame another name."""
        self._view.document.edit("Rename frame", lambda graph: rename_frame(graph, frame_id, title))

    def selected(self) -> Frame | None:
        """Return the frame whose layers are selected, all of them and no others."""
        document = self._view.document
        frames = document.graph.frames
        return next((f for f in frames if document.selection == frozenset(f.nodes)), None)
