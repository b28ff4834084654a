"""Whether a window can be opened is known before Qt is asked."""

import socket
from pathlib import Path

import pytest

from app.cli.screen import display_answers, obstacle

linux_only = pytest.mark.skipif("not sys.platform.startswith('linux')")


@linux_only
def test_without_a_display_the_way_on_is_named() -> None:
    problem = obstacle({})

    assert problem is not None
    assert problem.title == "There is no display for a window"
    assert "layerloom --help" in problem.hint


@linux_only
def test_a_display_that_nobody_serves_is_told_from_one_that_is_not_set() -> None:
    problem = obstacle({"DISPLAY": ":64999"})

    assert problem is not None
    assert ":64999" in problem.why


@linux_only
@pytest.mark.parametrize("platform", ["offscreen", "offscreen:size=800x600", "minimal"])
def test_a_platform_without_a_screen_needs_no_display(platform: str) -> None:
    assert obstacle({"QT_QPA_PLATFORM": platform}) is None


@pytest.mark.display
def test_a_real_x_server_answers(virtual_display: str) -> None:
    assert display_answers(virtual_display)
    assert obstacle({"DISPLAY": virtual_display}) is None


def test_a_display_over_the_network_is_asked_at_its_port() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        number = server.getsockname()[1] - 6000

        assert number < 0 or display_answers(f"127.0.0.1:{number}.0")


@pytest.mark.parametrize("name", ["", ":", "x", ":x", "host:"])
def test_a_name_that_is_no_display_does_not_answer(name: str, tmp_path: Path) -> None:
    assert not display_answers(name)
