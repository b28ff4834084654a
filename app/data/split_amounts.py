"""How many samples train, validate and test, and what tells this split from another one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.data.split_bar import COLOURS, Shares
from app.figures import count, rough_percent
from app.widgets import FlowText, Glyph, Label
from app.widgets.elided_label import ElidedLabel
from engine.data.split_record import SplitRecord

_SHARE_PX = 44


class SplitAmounts(QWidget):
    """A row for each part; below them how it was split, with its seed and its hash."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self._amounts = [Label() for _ in COLOURS]
        self._shares = [Label(tone="text2") for _ in COLOURS]
        self.how = FlowText("", "small", "text3")
        for row in range(len(COLOURS)):
            column.addLayout(self._row(row))
        column.addWidget(self.how)

    def show_split(self, split: SplitRecord) -> None:
        """Show how the samples were dealt out."""
        self._write(split.counts)
        whole = max(sum(split.counts), 1)
        self._write_shares(*(amount / whole for amount in split.counts))
        self.how.set_words(split.words)
        told = zip(self._words(), split.digests, strict=True)
        self.how.setToolTip(
            "\n".join((self.tr("Of the numbers of the samples:"), *map(" ".join, told)))
        )

    def show_shares(self, shares: Shares, samples: int | None) -> None:
        """Write shares at once; which samples that is takes a moment.

        Args:
            samples: How many there are, where that is known.
        """
        self._write_shares(*shares.parts)
        if samples is not None:
            self._write(shares.amounts(samples))

    def forget(self) -> None:
        """Say nothing of how it was split: other data is read."""
        self.how.set_words("")

    def _row(self, row: int) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(Glyph("dot", COLOURS[row], size_px=12))
        line.addWidget(ElidedLabel(self._words()[row], tone="text2"), stretch=1)
        line.addWidget(self._amounts[row])
        self._shares[row].setMinimumWidth(_SHARE_PX)
        self._shares[row].setAlignment(Qt.AlignmentFlag.AlignRight)
        line.addWidget(self._shares[row])
        return line

    def _words(self) -> tuple[str, str, str]:
        return self.tr("Training"), self.tr("Validation"), self.tr("Test")

    def _write(self, amounts: tuple[int, int, int]) -> None:
        for label, amount in zip(self._amounts, amounts, strict=True):
            label.setText(count(amount))

    def _write_shares(self, *shares: float) -> None:
        for label, share in zip(self._shares, shares, strict=True):
            label.setText(rough_percent(round(share, 4)))
