from builders import a_project, a_residual_cnn
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget
from window_hands import Windows

from app.main_window import MainWindow


class _Shown(QObject):
    """Notes every window that comes on screen."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            event.type() == QEvent.Type.Show
            and isinstance(watched, QWidget)
            and watched.isWindow()
            and not isinstance(watched, MainWindow)
        ):
            self.windows.append(type(watched).__name__)
        return False


def test_no_part_of_a_panel_comes_on_screen_by_itself(windows: Windows) -> None:
    """It would take the keys from the window, and flash."""
    application, shown = QApplication.instance(), _Shown()
    assert application is not None
    application.installEventFilter(shown)

    window = windows(a_project(a_residual_cnn()))

    application.removeEventFilter(shown)
    assert shown.windows == []
    assert window.isActiveWindow()
