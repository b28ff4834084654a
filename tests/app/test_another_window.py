from pathlib import Path

from app.another_window import another_window


def test_another_window_runs_nothing_of_the_folder_it_is_opened_in(tmp_path: Path) -> None:
    foreign = tmp_path / "app"
    foreign.mkdir()
    (foreign / "__init__.py").touch()
    (foreign / "__main__.py").write_text("print('code of a stranger')")
    window = another_window()
    window.setWorkingDirectory(str(tmp_path))

    window.setArguments([*window.arguments(), "--version"])
    window.start()
    assert window.waitForFinished(60_000)

    assert window.readAllStandardOutput().data().startswith(b"Layerloom ")
