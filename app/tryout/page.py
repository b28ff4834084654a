"""What stands on the Try it panel once there is a model, from top to bottom."""

from __future__ import annotations

from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from app.tryout.alike import AlikePart
from app.tryout.answer import AnswerView
from app.tryout.course import DrawingCourse
from app.tryout.drive_pad import DrivePad
from app.tryout.form_pad import FormPad
from app.tryout.image_pad import ImagePad
from app.tryout.input_strip import InputStrip
from app.tryout.pad import Pad
from app.tryout.pad_place import PadPlace
from app.tryout.received import ReceivedPicture
from app.tryout.sketch_pad import SketchPad
from app.tryout.text_pad import TextPad
from app.tryout.why import WhyPart
from app.tryout.written_text import WrittenText
from app.widgets import Label, SectionTitle, SegmentedControl, stacked

_PAD_PX, _SMALL_PAD_PX = 280, 200
_FORM_PX = 60
"""Wider than a pad, for names and fields side by side."""

_WIDE_PX, _NARROW_PX = 800, 680
_ANSWER_PX = 190


class TryPage(QScrollArea):
    """The pad, what the model receives and answers beside it, and what follows from that below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(self.tr("Try it"))
        self.strip = InputStrip()
        self.pad_title, self.pad_place = SectionTitle(""), PadPlace()
        self.received, self.why = ReceivedPicture(), WhyPart()
        self.answer = AnswerView()
        self.answer.setMinimumWidth(_ANSWER_PX)
        self.course, self.alike, self.written = DrawingCourse(), AlikePart(), WrittenText()
        self._ways = SegmentedControl(self.tr("Way to give an input"), [("", "")])
        self._ways.hide()
        self._problem = Label("", "small", "err")
        self._problem.hide()
        self._build()

    def show_pad(self, pad: Pad, width: int) -> None:
        """Show a pad, and what belongs to inputs of its kind.

        Args:
            width: Of the panel, in pixels.
        """
        self.pad_place.show_pad(pad)
        self.pad_title.set_title(pad.title)
        self.pad_title.set_note(pad.note)
        self.course_box.setVisible(isinstance(pad, SketchPad))
        takes_pictures = isinstance(pad, SketchPad | ImagePad | DrivePad)
        for part in (self._received_title, self.received):
            part.setVisible(takes_pictures)
        self._received_box.setVisible(takes_pictures or bool(pad.ways))
        self.written.setVisible(isinstance(pad, TextPad) and pad.can_go_on)
        if isinstance(pad, TextPad):
            self.written.set_unit(pad.unit)
        self.share_room(pad, width)

    def share_room(self, pad: Pad | None, width: int) -> None:
        """Lay the columns beside or below each other."""
        more = _FORM_PX if isinstance(pad, FormPad) else 0
        side = _PAD_PX if width >= _WIDE_PX + more else _SMALL_PAD_PX
        self._pad_box.setFixedWidth(side + more)
        self._received_box.setFixedWidth(side)
        self._columns.setDirection(
            QBoxLayout.Direction.LeftToRight
            if width >= _NARROW_PX + more
            else QBoxLayout.Direction.TopToBottom
        )

    def offer_ways(self, words: list[tuple[str, str]]) -> SegmentedControl:
        """Offer the pads side by side, where there are several; return what chooses them."""
        old = self._ways
        self._ways = SegmentedControl(self.tr("Way to give an input"), words or [("", "")])
        self._ways.setVisible(len(words) > 1)
        self._head.replaceWidget(old, self._ways)
        old.deleteLater()
        return self._ways

    def show_way(self, key: str) -> None:
        """Show which pad is chosen."""
        self._ways.set_current(key)

    def show_problem(self, text: str) -> None:
        """Say what is wrong with the input; empty for nothing."""
        self._problem.setText(text)
        self._problem.setVisible(bool(text))

    def _build(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(14)
        column.addLayout(self._build_head())
        column.addWidget(self._problem)
        column.addLayout(self._build_columns())
        column.addWidget(self._build_course())
        column.addWidget(self.written)
        column.addWidget(self.alike)
        column.addStretch(1)
        self.setWidget(content)
        content.setAutoFillBackground(False)

    def _build_head(self) -> QHBoxLayout:
        self._head = QHBoxLayout()
        self._head.setSpacing(10)
        self._head.addWidget(self._ways)
        self._head.addStretch(1)
        self._head.addWidget(self.strip)
        return self._head

    def _build_columns(self) -> QBoxLayout:
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._columns.setSpacing(24)
        self._pad_box = stacked(self.pad_title, self.pad_place)
        self._received_title = SectionTitle(self.tr("What the model receives"))
        self._received_box = stacked(self._received_title, self.received, self.why)
        self._columns.addWidget(self._pad_box)
        self._columns.addWidget(self._received_box)
        self._columns.addWidget(self.answer, stretch=1)
        return self._columns

    def _build_course(self) -> QWidget:
        title = SectionTitle(
            self.tr("While you drew"), self.tr("probability, %, of classes that passed 25\u202f%")
        )
        self.course_box = stacked(title, self.course)
        return self.course_box
