"""The part of the Data panel that changes training samples: its steps, and what they do."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from msgspec.structs import replace
from PySide6.QtCore import QElapsedTimer, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from app.data.before_after import BeforeAfter
from app.data.step_card import StepCard
from app.document import Document, new_gesture
from app.setting_row import Value
from app.widgets import Button, FlowText, SectionTitle
from engine.data.augmentation import with_augmentation
from engine.graph.elements import NodeId
from engine.training.asides import AugmentationShown, ShowAugmented
from engine.training.events import TrainingEvent
from nodes.augmentation import STEPS, Augmentation, suits
from nodes.io import Data

_QUIET_MS = 150
_GESTURE_MS = 1000


class AugmentationPart(QWidget):
    """Shows the steps of a data node, changes them, and asks for pictures of what they do."""

    asked = Signal(object)
    """A ``ShowAugmented`` for the worker."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._node: NodeId | None = None
        self._data: Data | None = None
        self._number = 0
        self._asked: tuple[int, Data] | None = None
        self._gesture = 0
        self._changed: tuple[int, str] | None = None
        self._since_change = QElapsedTimer()
        self._cards: list[StepCard] = []
        self._rest = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._rest.timeout.connect(self._ask)
        self._build()

    def show_data(self, node: NodeId | None, data: Data | None) -> None:
        """Show the steps of a data node; a node that has nothing to change hides the part."""
        before, self._node, self._data = self._data, node, data
        offered = _offered(data)
        self.setVisible(bool(offered))
        if data is None or not offered:
            return
        if before is None or _kinds(before) != _kinds(data):
            self._make_menu(offered)
        self._show_steps(data.augmentation)
        if self._asked is None or self._asked[1] != data:
            self._rest.start()

    def show_events(self, events: Sequence[TrainingEvent]) -> None:
        """Take the answers of the worker."""
        for event in events:
            if isinstance(event, AugmentationShown) and event.number == self._number:
                self.pictures.show_pictures(event)
                self._problem.set_words(event.problem)
                self._problem.setVisible(bool(event.problem))
                self._another.setVisible(self.pictures.isVisibleTo(self))

    def set_locked(self, *, locked: bool) -> None:
        """Keep the steps from being changed, or no longer."""
        for part in (self.add, *self._cards):
            part.setEnabled(not locked)

    def show_another(self) -> None:
        """Show other samples, changed in other ways."""
        self._number += 1
        self._ask()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt override
        super().showEvent(event)
        self._rest.start()

    def _build(self) -> None:
        self.add = Button("", icon_name="plus", extent="small")
        self.add.setAccessibleName(self.tr("Add a step of augmentation"))
        self.add.setToolTip(self.add.accessibleName())
        title = SectionTitle(self.tr("Augmentation"))
        title.add_trailing(self.add)
        self._none = FlowText(
            self.tr("Samples are learned from as they are. A step changes them anew each time."),
            "small",
        )
        self._list = QVBoxLayout()
        self._list.setSpacing(8)
        self.pictures = BeforeAfter()
        self._problem = FlowText("", "small", "err")
        self._problem.hide()
        self._another = Button(self.tr("Show another"), icon_name="refresh", extent="small")
        self._another.clicked.connect(self.show_another)
        self._another.hide()
        last = QHBoxLayout()
        last.addWidget(self._another)
        last.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(title)
        column.addWidget(self._none)
        column.addWidget(self.pictures)
        column.addWidget(self._problem)
        column.addLayout(last)
        column.addLayout(self._list)

    def _make_menu(self, offered: Sequence[type[Augmentation]]) -> None:
        menu = QMenu(self.add)
        menu.setToolTipsVisible(True)
        for step in offered:
            action = menu.addAction(step.info.title)
            action.triggered.connect(partial(self._on_added, step))
            action.setToolTip(step.info.summary)
        self.add.setMenu(menu)

    def _show_steps(self, steps: Sequence[Augmentation]) -> None:
        self._none.setVisible(not steps)
        if [type(card.step) for card in self._cards] != [type(step) for step in steps]:
            self._make_cards(steps)
        for card, step in zip(self._cards, steps, strict=True):
            card.show_step(step)

    def _make_cards(self, steps: Sequence[Augmentation]) -> None:
        for card in self._cards:
            self._list.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = [StepCard(step, self) for step in steps]
        for place, card in enumerate(self._cards):
            self._list.addWidget(card)
            card.changed.connect(partial(self._on_changed, place))
            card.removed.connect(partial(self._on_removed, place))

    def _on_added(self, step: type[Augmentation], _is_checked: object = None) -> None:
        words = self.tr("Add {0}").format(step.info.title.lower())
        self._edit(words, [*self._steps(), step()])

    def _on_removed(self, place: int) -> None:
        steps = self._steps()
        words = self.tr("Remove {0}").format(steps[place].info.title.lower())
        self._edit(words, [*steps[:place], *steps[place + 1 :]])

    def _on_changed(self, place: int, name: str, value: Value) -> None:
        steps = self._steps()
        changed = replace(steps[place], **{name: value})
        words = self.tr("Change {0}").format(changed.info.title.lower())
        steps[place] = changed
        self._edit(words, steps, self._gesture_of(place, name))

    def _edit(self, words: str, steps: list[Augmentation], gesture: int | None = None) -> None:
        node = self._node
        if node is not None:
            self._document.edit_model(
                words, lambda graph: with_augmentation(graph, node, steps), gesture=gesture
            )

    def _steps(self) -> list[Augmentation]:
        return list(self._data.augmentation) if self._data is not None else []

    def _gesture_of(self, place: int, name: str) -> int:
        """One number for quick steps in one field, so that one undo takes them back."""
        is_same = self._changed == (place, name) and self._since_change.isValid()
        if not is_same or self._since_change.elapsed() > _GESTURE_MS:
            self._gesture = new_gesture()
        self._changed = (place, name)
        self._since_change.start()
        return self._gesture

    def _ask(self) -> None:
        """Ask for pictures, but not for a part that nobody sees."""
        data = self._data
        if data is None or not data.augmentation:
            self.pictures.clear()
            self._problem.hide()
            self._another.hide()
            self._asked = None
            return
        if self.isVisible() and self._asked != (self._number, data):
            # The number stays: the same samples and the same luck, so that a change is seen alone.
            self._asked = (self._number, data)
            self.asked.emit(ShowAugmented(number=self._number, data=data))


def _kinds(data: Data) -> set[str]:
    return {field.kind for field in data.fields}


def _offered(data: Data | None) -> list[type[Augmentation]]:
    return [step for step in STEPS if data is not None and suits(step, _kinds(data))]
