"""What a typed text finds, and what comes first."""

import pytest

from app.commands.matching import score


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("export", "Export Picture (SVG, PNG)"),
        ("ep", "Export Picture (SVG, PNG)"),
        ("pict exp", "Export Picture (SVG, PNG)"),
        ("EXPROT", "Export"),
        ("fllscrn", "Full Screen"),
        ("creen", "Full Screen"),
    ],
)
def test_words_beginnings_initials_and_slips_are_found(text: str, title: str) -> None:
    assert score(text, title) > 0


@pytest.mark.parametrize("text", ["zebra", "export zebra", "x"])
def test_every_word_must_be_found(text: str) -> None:
    assert score(text, "Export Picture") == 0


def test_other_words_are_found_and_count_less_than_the_title() -> None:
    assert 0 < score("settings", "Preferences", "settings options") < score("pref", "Preferences")


def test_the_title_itself_comes_before_titles_that_hold_it() -> None:
    titles = ["Save As", "Autosave", "Save", "Unsaved Save"]

    assert max(titles, key=lambda title: score("save", title)) == "Save"


def test_everything_fits_an_empty_text_alike() -> None:
    assert score("", "Save") == score("  ", "Open") == 1


@pytest.mark.parametrize("typed", ["unet", "u-net", "U-Net", "u net"])
def test_hyphens_and_spaces_count_for_nothing(typed: str) -> None:
    assert score(typed, "U-Net") > score("net", "Some nest") > 0
    assert score(typed, "Cells", "segmentation u-net") > 0
    assert score("batch-norm", "Batch norm") == score("batchnorm", "Batch norm") > 0
    assert score("max-pool", "MaxPool") > 0


@pytest.mark.parametrize("typed", ["anet", "etworkof", "-"])
def test_parts_of_words_are_not_joined(typed: str) -> None:
    assert score(typed, "Cells", "a network of cells") == 0
