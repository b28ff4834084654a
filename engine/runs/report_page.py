"""The parts of a report's page: tables, headline figures and curves, as HTML by itself.

What comes from a project or its data is escaped, and a page holds no script.
"""

import base64
import json
from collections.abc import Sequence
from functools import cache
from html import escape
from typing import Final, NamedTuple

import numpy as np

from engine.runs.replay import Floats
from resources import path

_WIDTH: Final = 640
_HEIGHT: Final = 220
_MOST_POINTS: Final = 320

_STYLE: Final = """
:root {{ color-scheme: light dark; {light} }}
@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}
{rules}"""

_RULES: Final = """\
body { font: 15px/1.5 system-ui, sans-serif; color: var(--text); background: var(--panel);
  max-width: 46rem; margin: 2.5rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p.soft, figcaption, th { color: var(--text3); font-weight: 400; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin: 1.5rem 0; }
.figures b { display: block; font-size: 1.4rem; font-weight: 600; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: anywhere; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
figure { margin: 1rem 0; } figure svg, figure img { width: 100%; height: auto; }
figure img { background: white; max-height: 60rem; }
svg text { fill: var(--text3); } svg line { stroke: var(--line); }
.training { stroke: var(--train); } .validation { stroke: var(--val); }
i.training, i.validation { display: inline-block; width: 1.2rem; margin-right: .4rem;
  vertical-align: middle; border-top: 2px solid var(--train); }
i.validation { border-color: var(--val); }
"""

_INKS: Final = {"training": "train", "validation": "val"}


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
        f"<title>{escape(title)}</title>\n<style>{_style()}</style>\n</head>\n"
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
        f'<polyline class="{name}" points="{points}" fill="none" stroke="{_ink(name)}" '
        f'stroke-width="{width}" stroke-linecap="round"/>'
    )


def _frame(last: float, low: float, high: float) -> str:
    right = 'x="-8" text-anchor="end"'
    return (
        f'<line x1="0" y1="{_HEIGHT}" x2="{_WIDTH}" y2="{_HEIGHT}" stroke="gray"/>'
        f'<line x1="0" y1="0" x2="{_WIDTH}" y2="0" stroke="gray"/>'
        f'<text {right} y="4">{high:.3g}</text><text {right} y="{_HEIGHT}">{low:.3g}</text>'
        f'<text x="0" y="{_HEIGHT + 18}">0</text>'
        f'<text x="{_WIDTH}" y="{_HEIGHT + 18}" text-anchor="end">{last:.4g}</text>'
    )


def _style() -> str:
    return _STYLE.format(light=_variables("light"), dark=_variables("dark"), rules=_RULES)


def _variables(theme: str) -> str:
    """Return the colours of a theme as the page calls them: as the window does."""
    colours = _colours(theme)
    used = ("text", "text3", "line", "panel", *_INKS.values())
    return " ".join(f"--{name}: {colours[name]};" for name in used)


def _ink(line: str) -> str:
    """Return the colour of a line; readers that print a page may not carry its style over."""
    return _colours("light")[_INKS[line]]


@cache
def _colours(theme: str) -> dict[str, str]:
    tokens = json.loads(path("themes", "tokens.json").read_text(encoding="utf-8"))
    colours: dict[str, str] = tokens["themes"][theme]["colours"]
    return colours
