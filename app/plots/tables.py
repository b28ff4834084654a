"""The numbers of a plot: as a table beside it, in the clipboard, in a file.

Every plot offers them by the same entries of its context menu, which the keyboard opens too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.figures import THIN
from app.plots.curve_table import CurveTable
from app.plots.files import save_bytes, save_csv, save_png
from app.plots.vector import svg_of
from app.widgets import IconButton


@dataclass(frozen=True, slots=True)
class PlotTable:
    """What a plot shows, in rows as a person reads them."""

    title: str
    heads: Sequence[str]
    rows: Sequence[tuple[str, ...]]

    def text(self) -> str:
        """Return it as a spreadsheet takes it from the clipboard."""
        rows = (map(_plain, row) for row in self.rows)
        return "\n".join("\t".join(row) for row in (tuple(self.heads), *rows))

    def save(self, path: Path) -> None:
        """Write it as CSV.

        Raises:
            RunError: The file cannot be written.
        """
        save_csv(path, self.heads, (map(_plain, row) for row in self.rows))


Tabled: TypeAlias = Callable[[], PlotTable]


def _plain(cell: str) -> str:
    """Return a number as a spreadsheet reads it: without thin spaces, with a hyphen for minus."""
    plain = cell.replace(THIN, "").replace("\N{MINUS SIGN}", "-")
    try:
        float(plain.removesuffix("%"))
    except ValueError:
        return cell
    return plain


def offer_plot(
    plot: QWidget, table: Tabled, write_csv: Callable[[Path], None] | None = None
) -> None:
    """Give a plot a context menu with its numbers and its picture.

    Args:
        write_csv: Writes more than the table shows, where there is more.
    """
    _offer(plot, lambda menu: add_table_actions(menu, plot, table, write_csv))


def offer_picture(plot: QWidget) -> None:
    """Give what has no numbers to tell a context menu with its picture."""
    _offer(plot, lambda menu: _add_picture_actions(menu, plot, plot.accessibleName))


def table_button(plot: QWidget, table: Tabled) -> IconButton:
    """Return a button that opens the numbers of a plot, to stand at the end of its title."""
    button = IconButton("data", plot.tr("Show as table"), size_px=24, icon_size_px=14)
    button.setAccessibleDescription(plot.accessibleName())
    button.clicked.connect(lambda: show_table(plot, table()))
    return button


def add_table_actions(
    menu: QMenu, plot: QWidget, table: Tabled, write_csv: Callable[[Path], None] | None = None
) -> None:
    """Add to a menu the ways to have the numbers and the picture of a plot."""
    menu.addAction(plot.tr("Show as Table"), lambda: show_table(plot, table()))
    menu.addAction(plot.tr("Copy Table"), lambda: _copy_text(table()))
    menu.addSeparator()
    menu.addAction(plot.tr("Export CSV…"), lambda: _ask_csv(plot, table, write_csv))
    _add_picture_actions(menu, plot, lambda: table().title)


def show_table(plot: QWidget, table: PlotTable) -> CurveTable:
    """Open the numbers of a plot in a window of their own."""
    made = CurveTable(table.title, table.heads, table.rows, plot)
    made.show()
    return made


def _offer(plot: QWidget, fill: Callable[[QMenu], None]) -> None:
    plot.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
    if plot.focusPolicy() == Qt.FocusPolicy.NoFocus:
        plot.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show(place: QPoint) -> None:
        menu = QMenu(plot)
        fill(menu)
        menu.exec(plot.mapToGlobal(place))
        menu.deleteLater()

    plot.customContextMenuRequested.connect(show)


def _add_picture_actions(menu: QMenu, plot: QWidget, title: Callable[[], str]) -> None:
    menu.addAction(plot.tr("Export PNG…"), lambda: _ask_png(plot, title()))
    menu.addAction(plot.tr("Export SVG…"), lambda: _ask_svg(plot, title()))
    menu.addAction(plot.tr("Copy Image"), lambda: _copy_image(plot))


def _picture(plot: QWidget) -> QImage:
    own = getattr(plot, "picture", None)
    return own() if callable(own) else plot.grab().toImage()


def _copy_text(table: PlotTable) -> None:
    QGuiApplication.clipboard().setText(table.text())


def _copy_image(plot: QWidget) -> None:
    QGuiApplication.clipboard().setImage(_picture(plot))


def _ask_csv(plot: QWidget, table: Tabled, write_csv: Callable[[Path], None] | None) -> None:
    found = table()
    path = _ask(plot, plot.tr("Export CSV"), found.title, "csv")
    if path is not None:
        (write_csv or found.save)(path)


def _ask_png(plot: QWidget, title: str) -> None:
    path = _ask(plot, plot.tr("Export PNG"), title, "png")
    if path is not None:
        save_png(path, _picture(plot))


def _ask_svg(plot: QWidget, title: str) -> None:
    path = _ask(plot, plot.tr("Export SVG"), title, "svg")
    if path is not None:
        save_bytes(path, svg_of(plot, title))


def _ask(plot: QWidget, words: str, title: str, ending: str) -> Path | None:
    name = title.split(",")[0].lower().replace(" ", "-") or "plot"
    kinds = f"{ending.upper()} (*.{ending})"
    chosen, _ = QFileDialog.getSaveFileName(plot, words, f"{name}.{ending}", kinds)
    return Path(chosen) if chosen else None
