"""What the outputs of a model mean, read off the losses that they enter."""

from typing import Any, Literal, TypeAlias

import msgspec

from engine.compile.plan import Plan, Step
from engine.data.preparation import Answer, Standard, Tokens
from engine.data.spec import DataSpec
from engine.graph.elements import End
from engine.graph.names import identifier, unique
from nodes.io import DataField
from nodes.tensors import TensorType

MeaningKind: TypeAlias = Literal["classes", "yes_no", "numbers"]


class Meaning(msgspec.Struct, frozen=True, kw_only=True):
    """How one output is read."""

    output: int
    """Its place in what ``forward`` returns."""

    kind: MeaningKind
    """``classes``: scores whose softmax are probabilities; ``yes_no``: scores whose sigmoid are."""

    target: str = ""
    """The field that it is compared with."""

    classes: int = 0


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """Two ends between which a predicted number should lie."""

    output: int
    """Its place in what ``forward`` returns: (N, 2), lower end first."""

    coverage: float
    """How often the number should lie inside, from 0 to 1."""


def band_of(plan: Plan, main: Meaning | None) -> Band | None:
    """Return the band around the number that a model predicts; None where it predicts none."""
    if main is None or main.kind != "numbers" or not main.target:
        return None
    for place, end in enumerate(plan.outputs):
        loss = _band_loss(plan, end)
        if loss is not None and main.target in {plan.fields.get(end) for end in _taken(loss)}:
            module = loss.lowering.module
            assert module is not None, "the loss of a band is a module"
            return Band(output=place, coverage=float(str(module.args[0])))
    return None


def _band_loss(plan: Plan, end: End) -> Step | None:
    """Return the loss that makes an output the two ends of a band."""
    for loss in plan.losses:
        module = loss.lowering.module
        if module is not None and module.target == "Band" and end in _taken(loss):
            return loss
    return None


def meanings(plan: Plan) -> tuple[Meaning, ...]:
    """Return one meaning for each output, in order; without a loss an output is numbers."""
    return tuple(_meaning(plan, place, end) for place, end in enumerate(plan.outputs))


def main_meaning(plan: Plan) -> Meaning | None:
    """Return the output that predicts classes, else the first; None for a model with none."""
    found = [one for one in meanings(plan) if _band_loss(plan, plan.outputs[one.output]) is None]
    first = found[0] if found else None
    return next((meaning for meaning in found if meaning.kind == "classes"), first)


def is_of_pixels(plan: Plan, meaning: Meaning | None) -> bool:
    """Say whether an output gives each pixel of a picture a class."""
    if meaning is None or meaning.kind != "classes":
        return False
    return any(field.name == meaning.target and field.kind == "mask" for field in plan.data.fields)


def class_names(spec: DataSpec, meaning: Meaning | None) -> tuple[str, ...]:
    """Return the names of the classes that an output predicts, numbers where there are none."""
    if meaning is None or meaning.kind != "classes":
        return ()
    names = spec.class_names.get(meaning.target, ())[: meaning.classes]
    return (*names, *(str(number) for number in range(len(names), meaning.classes)))


def answer_field(plan: Plan, spec: DataSpec) -> str:
    """Return the input that holds what the model answered so far; empty where it has none."""
    found = (name for name in plan.inputs if isinstance(spec.preparations.get(name), Answer))
    return next(found, "")


def foresees_tokens(plan: Plan, spec: DataSpec) -> bool:
    """Whether the model says after each token of a text which one comes next."""
    meaning = main_meaning(plan)
    how = spec.preparations.get(plan.inputs[0]) if plan.inputs else None
    if meaning is None or meaning.kind != "classes" or not isinstance(how, Tokens):
        return False
    return how.fills_end and plan.types[plan.outputs[meaning.output]].rank == 3


def describe(plan: Plan, spec: DataSpec) -> dict[str, Any]:
    """Say what the model takes and gives, in the plain values of a model card.

    ``inputs`` are in the order of ``forward``; ``shape`` is of one sample, and may be any multiples
    of ``free`` where that is not 0; bytes of an image are divided by 255 before they enter;
    ``prepare`` holds the constants of everything else that is done first. Numbers with a
    ``standard`` are ``(value − mean) / deviation``.
    """
    fields = {field.name: field for field in plan.data.fields}
    main = main_meaning(plan)
    return {
        "inputs": [
            {
                "name": name,
                "kind": fields[name].kind,
                "shape": list(fields[name].sizes),
                "dtype": fields[name].dtype,
                **_free(fields[name]),
                **_prepared(spec, name),
            }
            for name in plan.inputs
        ],
        "outputs": [
            {
                "name": name,
                "kind": meaning.kind,
                "target": meaning.target,
                "labels": list(class_names(spec, meaning)),
                **_standard(spec, meaning),
            }
            for name, meaning in zip(output_names(plan), meanings(plan), strict=True)
        ],
        "main_output": main.output if main else 0,
        **_band(plan, main),
    }


def _band(plan: Plan, main: Meaning | None) -> dict[str, Any]:
    band = band_of(plan, main)
    return {"band": msgspec.to_builtins(band)} if band is not None else {}


def deviation_of(spec: DataSpec, meaning: Meaning | None) -> float:
    """Return what one unit of an output is on the scale of the data; 1 where nothing was scaled."""
    how = spec.preparations.get(meaning.target) if meaning else None
    return how.deviation[0] if isinstance(how, Standard) else 1.0


def mean_of(spec: DataSpec, meaning: Meaning | None) -> float:
    """Return what zero of an output is on the scale of the data."""
    how = spec.preparations.get(meaning.target) if meaning else None
    return how.mean[0] if isinstance(how, Standard) else 0.0


def _prepared(spec: DataSpec, name: str) -> dict[str, Any]:
    how = spec.preparations.get(name)
    return {"prepare": msgspec.to_builtins(how)} if how is not None else {}


def _free(field: DataField) -> dict[str, Any]:
    return {"free": [free.step if free else 0 for free in field.free]} if field.free else {}


def _standard(spec: DataSpec, meaning: Meaning) -> dict[str, Any]:
    how = spec.preparations.get(meaning.target)
    if meaning.kind != "numbers" or not isinstance(how, Standard):
        return {}
    return {"standard": {"mean": list(how.mean), "deviation": list(how.deviation)}}


def output_names(plan: Plan) -> tuple[str, ...]:
    """Return a name for each output: its own, else that of the layer that it comes out of."""
    names: list[str] = []
    for end in plan.outputs:
        step = plan.step_of(end.node)
        taken = {*plan.inputs, *names}
        wanted = step.called.get(end.port, step.name) if step else "output"
        names.append(unique(identifier(wanted), taken))
    return tuple(names)


_OF_YES_OR_NO = ("binary_cross_entropy_with_logits", "BCEWithLogits", "soft_margin_loss")
_OF_CLASSES = (
    "cross_entropy(",
    "CrossEntropy",
    "nll_loss({x}, {target})",
    "multi_margin_loss",
    "Dice ",
)


def _meaning(plan: Plan, place: int, end: End) -> Meaning:
    loss = next((step for step in plan.losses if end in _taken(step)), None)
    if loss is None:
        return Meaning(output=place, kind="numbers")
    target = next((taken for taken in _taken(loss) if taken in plan.fields), None)
    kind = _kind(loss)
    if kind == "numbers" and target and not _alike(plan.types[end], plan.types[target]):
        # A loss may compare vectors among each other, or scores with a list of labels.
        target = None
    return Meaning(
        output=place,
        kind=kind,
        target=plan.fields[target] if target else "",
        classes=_classes(plan, end, target) if kind == "classes" else 0,
    )


def _alike(found: TensorType, wanted: TensorType) -> bool:
    return wanted.dtype == "float" and found.sizes in (wanted.sizes, (*wanted.sizes, 1))


def _taken(step: Step) -> tuple[End, ...]:
    return tuple(end for ends in step.inputs.values() for end in ends)


def _kind(loss: Step) -> MeaningKind:
    module = loss.lowering.module
    called = f"{module.target if module else ''} {loss.lowering.expression}"
    if any(name in called for name in _OF_YES_OR_NO):
        return "yes_no"
    if "binary_cross_entropy(" in called:
        # Chances, as of pixels that are drawn again: no scores of classes.
        return "numbers"
    return "classes" if any(name in called for name in _OF_CLASSES) else "numbers"


def _classes(plan: Plan, output: End, target: End | None) -> int:
    labels = plan.types[target].classes if target else None
    scores = plan.types[output].sizes[1] if plan.types[output].rank > 1 else None
    return scores if isinstance(scores, int) else labels or 0
