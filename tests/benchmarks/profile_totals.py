"""How far the bill of single layers is from what torch.profiler says of the whole model.

Both measure forward and back of the same model on the same batch in one process, in turns, on one
thread. torch.profiler's total is its "Self CPU time total": the time within operations. The ratio
is the median over pairs of neighbouring rounds, since what else the machine does falls on both; the
milliseconds are the least of all rounds. Prints one JSON object a model.
"""

import json
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from statistics import median

import torch
from torch import Tensor
from torch.profiler import ProfilerActivity

from engine.compile.module import CompiledModel, compile_project
from engine.probes.costing import Passing
from engine.project.templates import open_template
from engine.training.material import gather

ROUNDS = 40
TEMPLATES = ("digits", "digits-mlp", "spoken-words", "letters-lstm", "autoencoder")


def totals_of_profiler(compiled: CompiledModel, batch: Mapping[str, Tensor]) -> float:
    """Return the seconds that torch.profiler counts for one pass forward and back."""
    weights = list(compiled.module.parameters())
    with torch.profiler.profile(activities=[ProfilerActivity.CPU]) as profiler:
        # As the layers are measured: gradients are handed back, not added up in place.
        torch.autograd.grad(compiled.loss(compiled.outputs(batch), batch), weights)
    return float(sum(event.self_cpu_time_total for event in profiler.key_averages())) / 1e6


def compare(key: str) -> dict[str, object]:
    project = open_template(key)
    compiled = compile_project(project)
    compiled.module.train()
    material = gather(compiled.plan, torch.device("cpu"), project.recipe.seed)
    order = torch.arange(material.training.samples).numpy()
    batch = next(iter(material.training.batches(order, project.recipe.batch_size)))
    # The first times are slow.
    totals_of_profiler(compiled, batch)
    Passing(compiled, nullcontext).run(batch)
    profiled, ours = [], []
    for _ in range(ROUNDS):
        # The first pass after the profiler has ended is slower than those that follow.
        Passing(compiled, nullcontext).run(batch)
        made = Passing(compiled, nullcontext)
        made.run(batch)
        ours.append(sum(sum(cost) for name, cost in made.bill().items() if "/" not in name))
        profiled.append(totals_of_profiler(compiled, batch))
    return {
        "model": key,
        "layers_ms": round(min(ours) * 1e3, 3),
        "profiler_ms": round(min(profiled) * 1e3, 3),
        "ratio": round(median(a / b for a, b in zip(ours, profiled, strict=True)), 3),
    }


def main() -> None:
    torch.set_num_threads(1)
    for key in sys.argv[1:] or TEMPLATES:
        print(json.dumps(compare(key)), flush=True)


if __name__ == "__main__":
    main()
