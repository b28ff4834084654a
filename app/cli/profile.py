"""``layerloom profile``: times each layer of a project on a batch of its own data."""

from typing import Annotated

import msgspec
import typer

from app.cli.arguments import JsonOption, ProjectArgument, SettingsOption
from app.cli.layer_table import cost_table
from app.cli.own_code import TrustOption
from app.cli.printing import err, out, print_object
from app.cli.train import DeviceOption
from app.cli.trying import open_to_try
from app.cli.words import number
from engine.analysis.cost import LayerCost, forecast
from engine.analysis.shapes import infer_shapes
from engine.analysis.summary import every_row, summary, with_costs
from engine.graph.elements import NodeId
from nodes.errors import RunError


class ProfiledLayer(msgspec.Struct, frozen=True, kw_only=True):
    """One layer as it was measured."""

    name: str
    kind: str
    depth: int
    """In how many composites it stands."""

    forward_seconds: float
    backward_seconds: float
    kept_bytes: int


class Profiled(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured, as one object."""

    project: str
    device: str
    samples: int
    passes: int
    step_seconds: float
    """Forward and back, without the optimiser."""

    kept_bytes: int
    forecast_bytes: int
    """Of the whole training."""

    layers: tuple[ProfiledLayer, ...]


def profile(
    project: ProjectArgument,
    *,
    settings: SettingsOption = None,
    device: Annotated[DeviceOption, typer.Option(help="Where to compute.")] = DeviceOption.auto,
    trust: TrustOption = False,
    json: JsonOption = False,
) -> None:
    """Time each layer forward and back on one batch, and count the memory that it keeps."""
    chosen = open_to_try(project, settings, trusted=trust)
    with err().status("Timing the layers"):
        from engine.training.profiling import profile as measured

        found = measured(chosen, device.value)
    if found.problem:
        raise RunError("The layers could not be timed", why=found.problem)
    report = infer_shapes(chosen.graph)
    costs = {NodeId(cost.node): cost for cost in found.layers}
    rows = with_costs(summary(report, chosen.recipe), costs)
    if not json:
        console = out()
        console.print(chosen.name, style="bold")
        console.print(cost_table(rows))
        console.print(
            f"On {found.device}, {number(found.samples)} samples a batch, medians of "
            f"{found.passes} passes; without the optimiser."
        )
        return
    print_object(
        Profiled(
            project=chosen.name,
            device=found.device,
            samples=found.samples,
            passes=found.passes,
            step_seconds=found.step_seconds,
            kept_bytes=sum(row.cost.kept_bytes for row in rows if row.cost),
            forecast_bytes=forecast(report.totals, chosen.recipe).total,
            layers=tuple(
                _layer(row.name, row.kind, len(row.path) - 1, row.cost)
                for row in every_row(rows)
                if row.cost
            ),
        )
    )


def _layer(name: str, kind: str, depth: int, cost: LayerCost) -> ProfiledLayer:
    return ProfiledLayer(
        name=name,
        kind=kind,
        depth=depth,
        forward_seconds=cost.forward_seconds,
        backward_seconds=cost.backward_seconds,
        kept_bytes=cost.kept_bytes,
    )
