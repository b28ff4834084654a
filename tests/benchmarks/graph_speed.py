"""An edit on a drawing of 1,000 layers, shapes included, opening its file, and compiling it.

Once for 1,000 layers in one drawing, once for as many in composites within composites. Prints one
JSON object: medians in milliseconds beside their limits.
"""

import json
import statistics
import time
from collections.abc import Callable

from builders import Drawing, a_chain, a_project

from engine.analysis.shapes import infer_shapes
from engine.compile.plan import make_plan
from engine.compile.source import write_source
from engine.graph import edits
from engine.graph.composites import at, replace_at
from engine.graph.difference import difference
from engine.graph.elements import Graph
from engine.project.codec import from_text, to_text

NODES = 1000
ROUNDS = 9
LIMITS_MS = {"edit": 20.0, "open": 1000.0, "compile": 1000.0, "edit_inside": 20.0}


def main() -> None:
    """Measure and print."""
    found = {**_flat(a_chain(NODES)), **_nested(_blocks(10, NODES // 10))}
    limits = {f"{name}_limit_ms": limit for name, limit in LIMITS_MS.items()}
    holds = all(
        value <= limit
        for name, limit in LIMITS_MS.items()
        for key, value in found.items()
        if key in (f"{name}_ms", f"nested_{name}_ms")
    )
    print(json.dumps({"benchmark": "graph", "nodes": NODES, **found, **limits, "holds": holds}))


def _flat(graph: Graph) -> dict[str, float]:
    report = infer_shapes(graph)
    middle = list(graph.nodes)[NODES // 2]
    text = to_text(a_project(graph))
    numbers = iter(range(33, 1000))

    def edit() -> None:
        # The width of a layer in the middle: everything below it is looked at again.
        changed = edits.set_params(graph, middle, {"out_features": next(numbers)})
        difference(graph, changed)
        infer_shapes(changed, report)

    return {
        "edit_ms": _median_ms(edit),
        "infer_ms": _median_ms(lambda: infer_shapes(graph)),
        "open_ms": _median_ms(lambda: infer_shapes(from_text(text).project.graph)),
        "compile_ms": _median_ms(lambda: _compile(graph)),
    }


def _nested(graph: Graph) -> dict[str, float]:
    report = infer_shapes(graph)
    path = (next(node.id for node in graph.nodes.values() if node.definition),)
    inside = at(graph, path)
    middle = list(inside.nodes)[len(inside.nodes) // 2]
    numbers = iter(range(33, 1000))

    def edit() -> None:
        changed = edits.set_params(inside, middle, {"out_features": next(numbers)})
        after = replace_at(graph, path, changed)
        difference(graph, after)
        infer_shapes(after, report)

    return {
        "nested_edit_inside_ms": _median_ms(edit),
        "nested_infer_ms": _median_ms(lambda: infer_shapes(graph)),
        "nested_compile_ms": _median_ms(lambda: _compile(graph)),
    }


def _compile(graph: Graph) -> None:
    write_source(make_plan(graph, infer_shapes(graph), "A benchmark"))


def _blocks(count: int, layers: int) -> Graph:
    """Return a chain of composites, each of its own definition and of as many layers."""
    drawing = Drawing()
    digits = drawing.add("Data")
    last = drawing.add("Flatten", after=digits)
    for number in range(count):
        inside = Drawing()
        inner = inside.add("Input")
        for _ in range(layers):
            inner = inside.add("Linear", after=inner, out_features=32)
        inside.add("Output", after=inner)
        drawing.define(f"block_{number}", inside)
        last = drawing.use(f"block_{number}", after=last)
    last = drawing.add("Linear", after=last, out_features=10)
    loss = drawing.add("CrossEntropyLoss", after=last)
    drawing.wire((digits, "label"), loss, "target")
    return drawing.graph


def _median_ms(act: Callable[[], None]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        act()
        times.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(times), 2)


if __name__ == "__main__":
    main()
