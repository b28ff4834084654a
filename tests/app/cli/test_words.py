"""How figures are written."""

import pytest

from app.cli.words import duration, figure, metric, number, percent, size


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (number(8500), "8\u202f500"),
        (number(12), "12"),
        (number(1_234_567), "1\u202f234\u202f567"),
        (percent(0.9712), "97.1\u202f%"),
        (percent(1, 0), "100\u202f%"),
        (duration(8.2), "0:08"),
        (duration(750), "12:30"),
        (duration(3599.7), "1\u202fh 0\u202fmin"),
        (duration(4320), "1\u202fh 12\u202fmin"),
        (figure(0.00003), "3e−05"),
        (figure(-2.5), "−2.5"),
        (figure(None), "–"),
        (metric(0.5, "accuracy"), "50.0\u202f%"),
        (metric(0.5, "mean absolute error"), "0.5"),
        (metric(None, "accuracy"), "–"),
        (size(12), "12\u202fbytes"),
        (size(1_600_000), "1.6\u202fMB"),
        (size(142_000_000), "142\u202fMB"),
    ],
)
def test_figures_are_written_as_the_window_writes_them(written: str, expected: str) -> None:
    assert written == expected
