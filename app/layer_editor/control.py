"""What the window does with layers of one's own: editors, trust, and the person's folder."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QFileSystemWatcher, QObject, QThreadPool, QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.blocks import own_layers, read_installed
from app.canvas.view import CanvasView
from app.document import Document
from app.handover import Handover
from app.inspector import PropertiesPanel
from app.layer_editor.finding import ShapeFinding
from app.palette import LibraryPanel
from app.theme import ThemeManager
from engine.graph.elements import Graph
from engine.graph.own_layers import own_layers_in, write_code
from engine.own_layers.trust import distrust, is_trusted, trust, untrusted_code
from engine.project.blocks import ready_made_blocks
from engine.project.layer_files import layers_folder
from nodes.errors import LoomError
from nodes.own_layer import forget_failures

if TYPE_CHECKING:
    from app.layer_editor.editor import LayerEditor

_SETTLE_MS = 300


class OwnLayers(QObject):
    """Keeps the layers of the document, of the person's folder, and of the editors together."""

    library_changed = Signal()
    """The person's folder holds other layers."""

    looked = Signal()
    """What is installed has been looked through, once after ``begin``."""

    told = Signal(str)
    """Something that the person should know."""

    def __init__(self, document: Document, theme: ThemeManager, window: QWidget) -> None:
        super().__init__(window)
        self._document = document
        self._theme = theme
        self._window = window
        self._refused: set[str] = set()
        self._is_asking = False
        self._is_begun = False
        self.editors: dict[str, LayerEditor] = {}
        self.finding = ShapeFinding(document, self)
        self._folder = {one.name: one.code[one.name] for one in own_layers().blocks}
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self.reload)
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(lambda _: self._settle.start())
        self._watcher.fileChanged.connect(lambda _: self._settle.start())
        self._installed: Handover[bool] = Handover(self, self._on_installed)
        document.report_changed.connect(self._look)
        self._watch()

    def introduce(
        self, canvas: CanvasView, properties: PropertiesPanel, library: LibraryPanel
    ) -> None:
        """Connect what asks for code, and what shows layers, with this."""
        canvas.code_requested.connect(self.edit)
        properties.code_requested.connect(self.edit)
        self.library_changed.connect(library.show_blocks)
        self.told.connect(canvas.tell)

    def begin(self) -> None:
        """Ask about code from now on: the window stands."""
        self._is_begun = True
        installed = self._installed
        QThreadPool.globalInstance().start(lambda: _read_installed(installed))
        self._look()
        self.finding.look()

    def may_close(self) -> bool:
        """Close the editors; False where the person wants to go on with one."""
        return all(editor.close() for editor in self.editors.values() if editor.isVisible())

    def close(self) -> None:
        """Let go of what runs beside the window."""
        self._is_begun = False
        for editor in self.editors.values():
            editor.deleteLater()
        self.editors.clear()
        self.finding.close()

    def edit_selected(self) -> None:
        """Open the code of the selected layer."""
        graph, chosen = self._document.graph, self._document.selection
        names = [one.definition for one in own_layers_in(graph.nodes[node] for node in chosen)]
        if names:
            self.edit(names[0])
        else:
            self.told.emit(self.tr("Select a layer of your own: only these have code to edit."))

    def edit(self, name: str) -> None:
        """Open the code of a layer; code that is not trusted is shown to be judged first."""
        text = self._document.project.graph.code.get(name)
        if text is None:
            self.told.emit(self.tr("There is no code for “{0}”.").format(name))
            return
        if not is_trusted(text):
            self.ask({name: text})
            return
        # Whoever looks at code that failed may have mended what stood in its way elsewhere.
        if forget_failures(text):
            self._document.look_again()
        editor = self.editors.get(name)
        if editor is None or editor.name != name:
            from app.layer_editor.editor import LayerEditor

            editor = LayerEditor(self._document, name, self._theme, self._window)
            editor.kept.connect(self.reload)
            editor.distrusted.connect(self.distrust)
            self.editors[name] = editor
        editor.show()
        editor.raise_()
        editor.activateWindow()
        editor.text.setFocus()

    def ask(self, code: dict[str, str]) -> None:
        """Show code that is not trusted and ask whether it may run."""
        from app.dialogs.trust import TrustDialog

        if self._is_asking:
            return
        self._is_asking = True
        dialog = TrustDialog(self._document.project.name, code, self._theme, self._window)
        dialog.accepted.connect(lambda: self._on_trusted(code.values()))
        dialog.rejected.connect(lambda: self._on_left(code))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def distrust(self, name: str) -> None:
        """Run the code of a layer no more, until the person trusts it anew."""
        text = self._document.project.graph.code.get(name, "")
        if text in self._folder.values():
            words = self.tr(
                "{0} lies in My layers, and what lies there is trusted: delete it there."
            )
            self.told.emit(words.format(name))
            return
        self._refused.add(text)
        try:
            distrust([text])
        except LoomError as error:
            self.told.emit(str(error))
            return
        self._document.look_again()
        self.told.emit(self.tr("{0} is not run any more.").format(name))

    def ask_again(self) -> None:
        """Look anew at what may run: no code is trusted any more."""
        self._refused.clear()
        self._document.look_again()

    def reload(self) -> None:
        """Read the person's folder anew; layers of the drawing that came from there follow it."""
        before, self._folder = (
            self._folder,
            {one.name: one.code[one.name] for one in own_layers().blocks},
        )
        self._watch()
        self.library_changed.emit()
        used = self._document.project.graph.code
        for name, text in self._folder.items():
            if name in before and used.get(name) == before[name] != text:
                self._follow(name, text)

    def _on_installed(self, _: bool) -> None:
        self.reload()
        self.looked.emit()

    def _follow(self, name: str, text: str) -> None:
        try:
            trust([text])
        except LoomError as error:
            self.told.emit(str(error))
            return

        def change(graph: Graph) -> Graph:
            return write_code(graph, name, text)

        if self._document.edit_model(self.tr("Reload {0}").format(name), change):
            self.told.emit(self.tr("{0} was read anew from its file.").format(name))

    def _look(self) -> None:
        """Trust what came from the person's own folder, and ask about the rest once."""
        untrusted = untrusted_code(self._document.project.graph)
        if not untrusted or not self._is_begun:
            return
        own = [text for text in untrusted.values() if text in self._folder.values()]
        if own:
            self._on_trusted(own)
            return
        new = {name: text for name, text in untrusted.items() if text not in self._refused}
        if new:
            # In a turn of its own: what was opened is on screen first.
            QTimer.singleShot(0, lambda: self._ask_about(new))

    def _ask_about(self, code: dict[str, str]) -> None:
        if self._is_begun and any(text not in self._refused for text in code.values()):
            self.ask(code)

    def _on_trusted(self, texts: Iterable[str]) -> None:
        self._is_asking = False
        try:
            trust(texts)
        except LoomError as error:
            self.told.emit(str(error))
            return
        self._document.look_again()

    def _on_left(self, code: dict[str, str]) -> None:
        self._is_asking = False
        self._refused.update(code.values())

    def _watch(self) -> None:
        """Watch the folder and its files; a file that was replaced is another one to watch.

        A folder that is not there yet is waited for.
        """
        folder = layers_folder()
        wanted = {str(folder), *(str(file) for file in folder.glob("*.py"))}
        if not folder.is_dir():
            wanted = {str(folder.parent)} if folder.parent.is_dir() else set()
        known = {*self._watcher.directories(), *self._watcher.files()}
        if wanted - known:
            self._watcher.addPaths(sorted(wanted - known))


def _read_installed(done: Handover[bool]) -> None:
    """Look through installed packages; on a thread of the pool.

    The blocks that come with Layerloom are kept once they are read, which would hold up the window
    when it lists them together.
    """
    try:
        read_installed()
        ready_made_blocks()
    finally:
        done.give(True)  # noqa: FBT003 - that it is over is all
