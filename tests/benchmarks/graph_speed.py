"""An edit on a drawing of 1,000 layers, shapes included, and opening its file.

Prints one JSON object: medians in milliseconds beside their limits.
"""

import json
import statistics
import time
from collections.abc import Callable

from builders import a_chain, a_project

from engine.analysis.shapes import infer_shapes
from engine.graph import edits
from engine.graph.difference import difference
from engine.project.codec import from_text, to_text

NODES = 1000
ROUNDS = 9
EDIT_LIMIT_MS, OPEN_LIMIT_MS = 20.0, 1000.0


def main() -> None:
    """Measure and print."""
    graph = a_chain(NODES)
    report = infer_shapes(graph)
    middle = list(graph.nodes)[NODES // 2]
    text = to_text(a_project(graph))
    numbers = iter(range(33, 1000))

    def edit() -> None:
        # The width of a layer in the middle: everything below it is looked at again.
        changed = edits.set_params(graph, middle, {"out_features": next(numbers)})
        difference(graph, changed)
        infer_shapes(changed, report)

    def open_file() -> None:
        infer_shapes(from_text(text).project.graph)

    edit_ms, open_ms = _median_ms(edit), _median_ms(open_file)
    print(
        json.dumps(
            {
                "benchmark": "graph",
                "nodes": NODES,
                "edit_ms": edit_ms,
                "edit_limit_ms": EDIT_LIMIT_MS,
                "open_ms": open_ms,
                "open_limit_ms": OPEN_LIMIT_MS,
                "holds": edit_ms <= EDIT_LIMIT_MS and open_ms <= OPEN_LIMIT_MS,
            }
        )
    )


def _median_ms(act: Callable[[], None]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act()
        times.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(times), 2)


if __name__ == "__main__":
    main()
