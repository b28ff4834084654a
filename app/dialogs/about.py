"""About: what this is, which versions, and whose work it stands on."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.theme import current_theme, mark_pixmap
from app.widgets import Button, FlowText, Label

_MARK_PX = 48


class AboutDialog(QDialog):
    """Mark, name, versions and licences."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About Layerloom"))
        self.setFixedWidth(440)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 20)
        column.setSpacing(12)
        column.addLayout(self._head())
        column.addWidget(
            FlowText(
                self.tr(
                    "Draw a neural network, train it while looking into every layer, and take "
                    "it away as PyTorch or ONNX. Everything runs on this computer."
                )
            )
        )
        column.addWidget(
            FlowText(
                self.tr(
                    "Apache License 2.0. Inter and JetBrains Mono are under the SIL Open Font "
                    "License. The digits are from MNIST by LeCun, Cortes and Burges."
                ),
                "small",
                "text3",
            )
        )
        close = Button(self.tr("Close"))
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(close)
        column.addLayout(row)

    def _head(self) -> QHBoxLayout:
        mark = QLabel()
        mark.setPixmap(mark_pixmap(_MARK_PX, current_theme(), self.devicePixelRatioF()))
        words = QVBoxLayout()
        words.addWidget(Label(f"Layerloom {version_of('layerloom')}", "heading"))
        torch = version_of("torch").split("+")[0]
        words.addWidget(
            Label(
                f"PyTorch {torch} · Qt {qVersion()} · Python {platform.python_version()}",
                "small",
                "text2",
            )
        )
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(mark)
        row.addLayout(words, 1)
        return row


def version_of(package: str) -> str:
    """Return the version of a package; empty where it was never installed."""
    try:
        return version(package)
    except PackageNotFoundError:  # run from a folder that was never installed
        return ""
