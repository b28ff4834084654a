"""The part of Properties that says which sizes of the data a trained network may get otherwise."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.inspector.editors import ChoiceEditor
from app.inspector.form import Row
from engine.analysis.free_sizes import SizeGroup
from nodes.tensors import text_of

_NAMES = {1: "Length", 2: "Height, width", 3: "Depth, height, width"}
_HELP = (
    "Once it is trained, the network takes samples of other sizes too, if all of its layers do. "
    "Training goes on with the sizes of the data set."
)


class FreeSizesPart(QWidget):
    """A choice for each group of sizes: what they are, any, or any multiple of a number."""

    freed = Signal(tuple, int)
    """The letters of a group, and of what its sizes may be multiples; 0 for as they are."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self._made_for: tuple[object, ...] = ()
        self._editors: list[ChoiceEditor] = []

    def show_groups(self, groups: tuple[SizeGroup, ...]) -> None:
        """Show what may be set free, and what is."""
        made_for = tuple(group._replace(step=0) for group in groups)
        if made_for != self._made_for:
            self._made_for = made_for
            self._make_rows(groups)
        for editor, group in zip(self._editors, groups, strict=True):
            editor.set_value(str(group.step))
        self.setVisible(bool(groups))

    def _make_rows(self, groups: tuple[SizeGroup, ...]) -> None:
        while (item := self._column.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.deleteLater()
        self._editors = []
        for group in groups:
            name = self.tr(_NAMES[len(group.letters)])
            if [len(other.letters) for other in groups].count(len(group.letters)) > 1:
                name = self.tr("{0} of {1}").format(name, ", ".join(group.fields))
            self._column.addWidget(self._made_row(name, group))

    def _made_row(self, name: str, group: SizeGroup) -> Row:
        steps = ((str(step), self.tr("Multiples of {0}").format(step)) for step in group.steps)
        always = self.tr("Always {0}").format(text_of(group.sizes))
        choices = (("0", always), ("1", self.tr("Any")), *steps)
        editor = ChoiceEditor(name, choices)
        letters = group.letters
        editor.committed.connect(lambda step: self.freed.emit(letters, int(str(step))))
        self._editors.append(editor)
        return Row(name, editor, self.tr(_HELP))
