"""What is going wrong in a run, with what mends it."""

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from app.training.health_banner import HealthBanner
from engine.training.events import HealthAct, HealthNoted


@pytest.mark.parametrize("width", [1000, 480])
def test_what_mends_a_run_is_read_whole_in_any_dock(qtbot: QtBot, width: int) -> None:
    banner = HealthBanner()
    qtbot.addWidget(banner)
    banner.resize(width, 120)
    labels = ("Go back to step 399 and lower the rate to 10", "Go back to step 399 and clip")
    acts = tuple(HealthAct(label=label) for label in labels)

    banner.show_note(HealthNoted(code="exploding", text="Before."))
    banner.show_note(HealthNoted(code="not_finite", text="It broke.", node="n", acts=acts))
    QApplication.processEvents()

    shown = [each for each in banner.findChildren(QPushButton) if each.isVisible()]
    assert len(shown) >= 3
    assert all(each.width() >= each.sizeHint().width() for each in shown)
    assert all(each.geometry().right() < width for each in shown)


def test_a_note_comes_back_once_the_one_after_it_is_dealt_with(qtbot: QtBot) -> None:
    banner = HealthBanner()
    qtbot.addWidget(banner)
    clip = HealthAct(label="Clip gradients at 1", settings={"gradient_clip": 1.0})
    decay = HealthAct(label="Weight decay 0.001", settings={"weight_decay": 0.001})
    first = HealthNoted(code="exploding", text="Gradients explode.", acts=(clip,))
    for noted in (first, first, HealthNoted(code="overfitting", text="By heart.", acts=(decay,))):
        banner.show_note(noted)
    assert _offered(banner).keys() == {decay.label}
    assert "1 more" in [part.text() for part in banner.findChildren(QLabel) if part.isVisible()]

    _offered(banner)[decay.label].click()

    assert banner.accessibleName() == "Gradients explode."
    assert "1 more" not in [part.text() for part in banner.findChildren(QLabel) if part.isVisible()]
    _offered(banner)[clip.label].click()
    assert not banner.isVisible()


def test_the_keyboard_comes_to_what_mends_a_run_before_what_puts_it_away(qtbot: QtBot) -> None:
    banner = HealthBanner()
    qtbot.addWidget(banner)
    clip = HealthAct(label="Clip gradients at 1", settings={"gradient_clip": 1.0})

    banner.show_note(HealthNoted(code="exploding", text="Too large.", node="n", acts=(clip,)))

    stops = [each.accessibleName() for each in banner.findChildren(QAbstractButton)]
    assert stops == [clip.label, "Show the layer", "Dismiss"]


def _offered(banner: HealthBanner) -> dict[str, QPushButton]:
    """Return the acts that can be pressed, by what they say."""
    found = banner.findChildren(QPushButton)
    return {each.text(): each for each in found if each.isVisible() and each.text()}
