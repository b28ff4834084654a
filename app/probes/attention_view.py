"""The middle of the Activations panel for layers of attention: one head, or the mean of all."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.plots.channels import ScaleLegend
from app.probes.attention_map import AttentionMap
from app.widgets import SectionTitle, SegmentedControl
from engine.training.texts import AttentionTaken

_MEAN = "mean"
_MOST_HEADS = 8


class AttentionView(QWidget):
    """Shows the newest weights of a layer, head by head."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Attention"))
        # The other pages of the column must not become as wide as a row of heads.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._taken: AttentionTaken | None = None
        self._head = _MEAN
        self._legend = ScaleLegend()
        title = SectionTitle(self.tr("Attention"))
        title.add_trailing(self._legend)
        self.map = AttentionMap()
        self.map.setToolTip(self.tr("Who looks stands down the side, at what along the top."))
        self.heads = SegmentedControl(self.tr("Head"), [("", "")])
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        for widget in (title, self.heads, self.map):
            self._column.addWidget(widget)
        self._column.addStretch(1)

    def show_attention(self, taken: AttentionTaken) -> None:
        """Show the weights of a layer; the head that is looked at stays where it can."""
        before, self._taken = self._taken, taken
        if before is None or before.shape[0] != taken.shape[0]:
            self._make_heads(taken.shape[0])
        self._draw()

    def _make_heads(self, count: int) -> None:
        numbers = [(str(k), str(k + 1)) for k in range(min(count, _MOST_HEADS))]
        old, self._head = self.heads, _MEAN
        self.heads = SegmentedControl(self.tr("Head"), [(_MEAN, self.tr("Mean")), *numbers])
        self.heads.setVisible(count > 1)
        self.heads.chosen.connect(self._on_head)
        self._column.replaceWidget(old, self.heads)
        old.deleteLater()

    def _on_head(self, head: str) -> None:
        self._head = head
        self._draw()

    def _draw(self) -> None:
        taken = self._taken
        assert taken is not None, "drawn only with weights"
        whole = np.frombuffer(taken.shares, np.uint8).reshape(taken.shape).astype(np.float32)
        whole *= taken.largest / 255
        shares = whole.mean(axis=0) if self._head == _MEAN else whole[int(self._head)]
        self.map.show_shares(shares, taken.rows, taken.columns)
        self._legend.show_range(0, float(shares.max(initial=0)))
