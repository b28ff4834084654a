"""The parts of a report's page: tables, headline figures and curves, as HTML by itself.

What comes from a project or its data is escaped, and a page holds no script.
"""

import base64
from collections.abc import Sequence
from html import escape
from typing import Final, NamedTuple

import numpy as np

from engine.runs.replay import Floats

_WIDTH: Final = 640
_HEIGHT: Final = 220
_MOST_POINTS: Final = 320

_STYLE: Final = """
:root { color-scheme: light dark; --text: #1b1f24; --soft: #59636e; --line: #d9dee4;
  --ground: #ffffff; --first: #2a5bd7; --second: #b8590b; }
@media (prefers-color-scheme: dark) { :root { --text: #e6eaef; --soft: #9aa5b1; --line: #333a42;
  --ground: #16191d; --first: #7da2ff; --second: #f0a35e; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--ground);
  max-width: 46rem; margin: 2.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p.soft, figcaption, th { color: var(--soft); font-weight: 400; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin: 1.5rem 0; }
.figures b { display: block; font-size: 1.4rem; font-weight: 600; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 1rem 0; } figure svg, figure img { width: 100%; height: auto; }
figure img { background: #ffffff; max-height: 60rem; }
svg text { fill: var(--soft); } svg line { stroke: var(--line); }
.training { stroke: var(--first); } .validation { stroke: var(--second); }
i.training, i.validation { display: inline-block; width: 1.2rem; margin-right: .4rem;
  vertical-align: middle; border-top: 2px solid var(--first); }
i.validation { border-color: var(--second); }
"""


# Said beside the style: readers that print a page may not carry it into its drawings.
_INKS: Final = {"training": "#2a5bd7", "validation": "#b8590b"}


class Line(NamedTuple):
    """One line of a curve: where it passes, in epochs and in values."""

    epochs: Floats
    values: Floats


def page(title: str, lines: Sequence[str], parts: Sequence[str]) -> str:
    """Return a whole page: its title, lines of text below, and its parts; empty ones left out."""
    below = [f'<p class="soft">{escape(line)}</p>' for line in lines if line]
    inside = "\n".join([f"<h1>{escape(title)}</h1>", *below, *filter(None, parts)])
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n{inside}\n</body>\n</html>\n"
    )


def headline(figures: Sequence[tuple[str, str]]) -> str:
    """Return figures in large letters, each a name and a value."""
    cells = "".join(f"<div><b>{escape(value)}</b>{escape(name)}</div>" for name, value in figures)
    return f'<div class="figures">{cells}</div>'


def table(
    title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], *, numbers: int = 0
) -> str:
    """Return a titled table, or nothing where it has no rows.

    Args:
        heads: The names of the columns; none for a table of names and values.
        numbers: How many columns, counted from the last, stand to the right.
    """
    if not rows:
        return ""
    first = len(rows[0]) - numbers
    head = f"<tr>{_cells(heads, 'th', first)}</tr>" if heads else ""
    body = "".join(f"<tr>{_cells(row, 'td', first)}</tr>\n" for row in rows)
    return f"<h2>{escape(title)}</h2>\n<table>{head}{body}</table>"


def picture(title: str, svg: bytes) -> str:
    """Return a drawing, held by the page itself; nothing where there is none."""
    if not svg:
        return ""
    # As an image, so that nothing in it can run.
    source = base64.b64encode(svg).decode()
    return (
        f"<h2>{escape(title)}</h2>\n<figure>"
        f'<img src="data:image/svg+xml;base64,{source}" alt="{escape(title)}"></figure>'
    )


def curve(title: str, training: Line, validation: Line) -> str:
    """Return training and validation over the epochs; nothing where no value is a number.

    Of more steps than the picture is wide the mean of neighbours is drawn.
    """
    training, validation = _thinned(_finite(training)), _finite(validation)
    values = np.concatenate([training.values, validation.values])
    if not values.size:
        return ""
    low, high = float(values.min()), float(values.max())
    epochs = np.concatenate([training.epochs, validation.epochs])
    last = float(epochs.max()) or 1.0
    lines = "".join(
        _drawn(line, name, last, (low, high))
        for line, name in ((training, "training"), (validation, "validation"))
    )
    return (
        f"<h2>{escape(title)}</h2>\n<figure>"
        f'<svg viewBox="-64 -8 {_WIDTH + 72} {_HEIGHT + 32}" font-size="12" role="img" '
        f'aria-label="{escape(title)} over the epochs">{_frame(last, low, high)}{lines}</svg>'
        '<figcaption><i class="training"></i>training &ensp; '
        '<i class="validation"></i>validation &ensp; over the epochs</figcaption></figure>'
    )


def _cells(texts: Sequence[str], tag: str, first_number: int) -> str:
    return "".join(
        f"<{tag}{' class=number' if place >= first_number else ''}>{escape(text)}</{tag}>"
        for place, text in enumerate(texts)
    )


def _finite(line: Line) -> Line:
    known = np.isfinite(line.values)
    return Line(line.epochs[known], line.values[known])


def _thinned(line: Line) -> Line:
    if line.values.size <= _MOST_POINTS:
        return line
    blocks = (np.array_split(each, _MOST_POINTS) for each in line)
    epochs, values = (np.array([part.mean() for part in each]) for each in blocks)
    return Line(epochs, values)


def _drawn(line: Line, name: str, last: float, span: tuple[float, float]) -> str:
    low, high = span
    across = line.epochs / last * _WIDTH
    down = _HEIGHT * (1 - (line.values - low) / ((high - low) or 1.0))
    places = [f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True)]
    # A single place becomes a dot: its line is as long as nothing, and its ends are round.
    points = " ".join(places * 2 if len(places) == 1 else places)
    width = 6 if len(places) == 1 else 1.6
    return (
        f'<polyline class="{name}" points="{points}" fill="none" stroke="{_INKS[name]}" '
        f'stroke-width="{width}" stroke-linecap="round"/>'
    )


def _frame(last: float, low: float, high: float) -> str:
    right = 'x="-8" text-anchor="end"'
    return (
        f'<line x1="0" y1="{_HEIGHT}" x2="{_WIDTH}" y2="{_HEIGHT}" stroke="#888"/>'
        f'<line x1="0" y1="0" x2="{_WIDTH}" y2="0" stroke="#888"/>'
        f'<text {right} y="4">{high:.3g}</text><text {right} y="{_HEIGHT}">{low:.3g}</text>'
        f'<text x="0" y="{_HEIGHT + 18}">0</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT + 18}" text-anchor="end">{last:.4g}</text>'
    )
