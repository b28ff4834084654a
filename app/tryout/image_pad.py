"""A picture as an input: dropped, pasted or opened."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice, QMimeData, QRectF, QSize, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.plots.images import PixelArray
from app.theme import current_theme, font
from app.tryout.pad import OF_PICTURES, Given, Pad
from app.widgets import Button, Label, Switch
from engine.data import prepare
from engine.training.insight import InputField, Subject

_BRIGHT = 128
_KINDS = "*.png *.jpg *.jpeg *.bmp *.gif *.webp *.tif *.tiff"


class ImagePad(Pad):
    """Takes a picture of any size; dark ink on light paper is inverted for models of light ink."""

    def __init__(self, field: InputField, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ways = OF_PICTURES
        self._sizes = field.sizes
        self.title = self.tr("Image")
        self.note = self.tr("drop, paste or open")
        self._source: bytes | None = None
        self._pixels: PixelArray | None = None
        self.place = _DropPlace(self)
        self._open = Button(self.tr("Open…"), icon_name="open", extent="small")
        self._paste = Button(self.tr("Paste"), icon_name="paste", extent="small")
        self._invert = Switch(self.tr("Invert"))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self._open)
        row.addWidget(self._paste)
        row.addStretch(1)
        row.addWidget(Label(self.tr("Invert"), "small", "text2"))
        row.addWidget(self._invert)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.place)
        column.addLayout(row)
        self.setAcceptDrops(True)
        self._open.clicked.connect(self.open_file)
        self._paste.clicked.connect(self.paste)
        self._invert.toggled.connect(self._read)

    @property
    def subject_name(self) -> str:
        return self.tr("Your picture")

    def given(self) -> Given | None:
        if self._pixels is None:
            return None
        return Given(Subject(key="", pixels=self._pixels.tobytes()), self._pixels)

    def take(self, given: Given) -> None:
        self._pixels, self._source = given.pixels, None
        self.place.show_image(QImage())
        self.changed.emit()

    def open_file(self) -> None:
        """Ask for a file and read it."""
        chosen, _ = QFileDialog.getOpenFileName(
            self, self.tr("Open image"), str(Path.home()), f"Images ({_KINDS})"
        )
        if chosen:
            self.read_file(Path(chosen))

    def read_file(self, path: Path) -> None:
        """Read a picture from a file."""
        try:
            self._begin(path.read_bytes())
        except OSError as error:
            self.problem.emit(self.tr("{0} cannot be read: {1}.").format(path.name, error.strerror))

    def paste(self) -> None:
        """Read the picture, or the file, on the clipboard."""
        if not self._read_mime(QGuiApplication.clipboard().mimeData()):
            self.problem.emit(self.tr("There is no picture on the clipboard."))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt override
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt override
        mime = event.mimeData()
        if mime.hasImage() or mime.hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt override
        if self._read_mime(event.mimeData()):
            event.acceptProposedAction()

    def _read_mime(self, mime: QMimeData) -> bool:
        if mime.hasUrls() and mime.urls()[0].isLocalFile():
            self.read_file(Path(mime.urls()[0].toLocalFile()))
            return True
        image = mime.imageData() if mime.hasImage() else None
        if isinstance(image, QImage):
            self._begin(_as_png(image))
            return True
        return False

    def _begin(self, source: bytes) -> None:
        """Take another picture; choose by its edge whether it is inverted."""
        self._source = source
        before = self._invert.isChecked()
        pixels = self._picture(invert=False)
        if pixels is None:
            return
        edge = np.concatenate([pixels[:, 0], pixels[:, -1]], axis=1)
        wanted = self._sizes[0] == 1 and float(edge.mean()) > _BRIGHT
        self._invert.setChecked(wanted)
        if wanted == before:
            self._read()

    def _read(self) -> None:
        pixels = self._picture(invert=self._invert.isChecked())
        if pixels is None:
            return
        self._pixels = pixels
        self.place.show_image(QImage.fromData(self._source or b""))
        self.problem.emit("")
        self.changed.emit()

    def _picture(self, *, invert: bool) -> PixelArray | None:
        if self._source is None:
            return None
        try:
            pixels: PixelArray = prepare.picture(
                io.BytesIO(self._source), self._sizes, invert=invert
            )
        except prepare.UNREADABLE:
            self.problem.emit(self.tr("This is no picture. Give a PNG, JPEG, WebP, GIF or TIFF."))
            return None
        return pixels


class _DropPlace(QWidget):
    """Shows the picture as it was given, or says how to give one."""

    def __init__(self, pad: ImagePad) -> None:
        super().__init__(pad)
        self._pad = pad
        self._image = QImage()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(pad.tr("Drop a picture here"))

    def show_image(self, image: QImage) -> None:
        self._image = image
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt override
        return QSize(280, 280)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt override
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt override
        return width

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt override
        if event.button() == Qt.MouseButton.LeftButton and self._image.isNull():
            self._pad.open_file()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt override
        del event
        theme = current_theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setBrush(theme.colours.canvas)
        is_empty = self._image.isNull()
        edge = QPen(
            theme.colours.ctl, 1, Qt.PenStyle.DashLine if is_empty else Qt.PenStyle.SolidLine
        )
        painter.setPen(edge)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.drawRoundedRect(box, theme.radius.field, theme.radius.field)
        if is_empty:
            painter.setFont(font())
            painter.setPen(theme.colours.text2)
            words = self._pad.tr("Drop an image here,\npaste one, or click to open.")
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)
            return
        size = self._image.size().scaled(box.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
        inner = QRectF(0, 0, size.width() - 2, size.height() - 2)
        inner.moveCenter(box.center())
        painter.drawImage(inner, self._image)


def _as_png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())
