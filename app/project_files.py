"""The open project's file: new, open, save, and the copy that outlives a crash."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from app.document import Document
from app.settings import Settings, data_folder
from engine.project.files import SUFFIX, load, save
from engine.project.project import Project
from engine.project.recovery import Autosave, Recovered, find_lost
from nodes.errors import LoomError

_AUTOSAVE_MS = 1_000
_KINDS = "Layerloom projects (*.loom)"
_READABLE = "Layerloom projects and pictures (*.loom *.png)"
_PICTURE = ".png"


class ProjectFiles(QObject):
    """Knows which file the document belongs to, and loses no work."""

    file_changed = Signal()
    """The document has another file, or none."""

    opened = Signal()
    """Another project is on screen."""

    noted = Signal(str)
    """Something a person should know of a file that was opened."""

    def __init__(
        self, document: Document, settings: Settings, window: QWidget, folder: Path | None = None
    ) -> None:
        super().__init__(window)
        self._document = document
        self._settings = settings
        self._window = window
        self._recovery_folder = folder or data_folder() / "recovery"
        self._autosave = Autosave(self._recovery_folder)
        self.path: Path | None = None
        self._asked_first: list[Callable[[], bool]] = []
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_AUTOSAVE_MS)
        self._timer.timeout.connect(self.keep_copy)
        document.history_changed.connect(self._on_history_changed)

    def open_dialog(self) -> None:
        """Ask for a file and open it."""
        if not self.may_leave():
            return
        start = str(self.path.parent if self.path else Path.home())
        name, _ = QFileDialog.getOpenFileName(
            self._window, self.tr("Open project"), start, _READABLE
        )
        if name:
            self.open(Path(name))

    def open(self, path: Path) -> bool:
        """Open a file; what is wrong with it is shown, and the open project stays."""
        try:
            opened = load(path)
        except LoomError as error:
            show_error(self._window, error)
            return False
        if path.suffix.lower() == _PICTURE:
            # Saving is not to write over the picture.
            self.show(opened.project)
        else:
            self.show(opened.project, path)
            self._settings.add_recent(path)
        for note in opened.notes:
            self.noted.emit(note)
        return True

    def show(self, project: Project, path: Path | None = None) -> None:
        """Show a project that was read or made."""
        self._autosave.discard()
        self.path = path
        self._document.open(project)
        self.file_changed.emit()
        self.opened.emit()

    def save(self) -> bool:
        """Write the project to its file, asking for one where it has none."""
        return self._write(self.path) if self.path else self.save_as()

    def save_as(self) -> bool:
        """Ask for a file and write the project to it."""
        name = self.path or Path.home() / f"{_file_name(self._document.project.name)}{SUFFIX}"
        chosen, _ = QFileDialog.getSaveFileName(
            self._window, self.tr("Save project"), str(name), _KINDS
        )
        if not chosen:
            return False
        path = Path(chosen)
        return self._write(path if path.suffix else path.with_suffix(SUFFIX))

    def revert(self) -> bool:
        """Go back to what the project's file holds, as one step that can be undone.

        Returns:
            Whether there was something to go back to.
        """
        if self.path is None or self._document.history.is_saved:
            return False
        try:
            saved = load(self.path).project
        except LoomError as error:
            show_error(self._window, error)
            return True
        self._document.show_version(saved, self.tr("Revert"))
        self._document.mark_saved()
        return True

    def ask_first(self, question: Callable[[], bool]) -> None:
        """Let a part that holds work of its own ask before the project is left."""
        self._asked_first.append(question)

    def may_leave(self) -> bool:
        """Ask what to do with unsaved changes; False where the person stays."""
        if not all(question() for question in self._asked_first):
            return False
        if self._document.history.is_saved:
            return True
        box = QMessageBox(self._window)
        box.setWindowTitle(self.tr("Unsaved changes"))
        box.setText(self.tr("Save “{0}” first?").format(self._document.project.name))
        box.setInformativeText(self.tr("What you changed since the last save is lost otherwise."))
        keep = box.addButton(self.tr("Save"), QMessageBox.ButtonRole.AcceptRole)
        drop = box.addButton(self.tr("Discard changes"), QMessageBox.ButtonRole.DestructiveRole)
        box.addButton(self.tr("Cancel"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.exec()
        if box.clickedButton() is keep:
            return self.save()
        return box.clickedButton() is drop

    def lost(self) -> list[Recovered]:
        """Return the drawings of windows that did not get to close."""
        return find_lost(self._recovery_folder)

    def recover(self, recovered: Recovered) -> None:
        """Show a lost drawing as unsaved, and keep it under our own name from now on."""
        original = recovered.original
        self.show(recovered.project, original if original and original.exists() else None)
        self._document.mark_unsaved()
        self.keep_copy()
        recovered.file.unlink(missing_ok=True)

    def keep_copy(self) -> None:
        """Write the recovery file now."""
        if self._document.history.is_saved:
            self._autosave.discard()
            return
        try:
            self._autosave.keep(self._document.project, self.path)
        except LoomError as error:
            self.noted.emit(str(error))

    def close(self) -> None:
        """Forget the recovery copy: the person chose what becomes of the work."""
        self._timer.stop()
        self._autosave.discard()

    def _write(self, path: Path) -> bool:
        try:
            save(path, self._document.project)
        except LoomError as error:
            show_error(self._window, error)
            return False
        self.path = path
        self._settings.add_recent(path)
        self._document.mark_saved()
        self._autosave.discard()
        self.file_changed.emit()
        return True

    def _on_history_changed(self) -> None:
        # Runs out once after the first edit of a burst, so a copy is never older than a second.
        if not self._timer.isActive():
            self._timer.start()


def show_error(window: QWidget, error: LoomError) -> None:
    """Tell a problem: what happened, why, and what mends it."""
    box = QMessageBox(window)
    box.setIcon(QMessageBox.Icon.NoIcon)
    box.setWindowTitle("Layerloom")
    box.setText(error.title)
    parts = [part for part in (error.where, error.why, error.hint) if part]
    box.setInformativeText("\n\n".join(parts))
    box.exec()


def _file_name(name: str) -> str:
    kept = "".join(letter for letter in name if letter.isalnum() or letter in " -_").strip()
    return kept or "Untitled"
