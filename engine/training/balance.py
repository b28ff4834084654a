"""Class weights: samples of rare classes weigh more in cross-entropy, so that all count alike."""

from typing import Final

import msgspec
import numpy as np

from engine.compile.plan import Plan, Step
from engine.data.opening import open_data
from engine.data.row_sets import in_stretches
from engine.data.splitting import split_of

_CALL: Final = "F.cross_entropy("


def balanced(plan: Plan) -> Plan:
    """Return the plan with weights in each cross-entropy: samples / (classes × samples of it).

    The weights are those of King and Zeng 2001, computed from the samples that train; a class
    without samples weighs nothing.
    """
    losses = tuple(_balanced(plan, step) for step in plan.losses)
    return plan if losses == plan.losses else msgspec.structs.replace(plan, losses=losses)


def _balanced(plan: Plan, step: Step) -> Step:
    expression = step.lowering.expression
    if not expression.startswith(_CALL):
        return step
    target = step.inputs["target"][0]
    weights = _weights(plan, plan.fields.get(target, ""), plan.types[target].classes or 0)
    if not weights:
        return step
    # The tensor is made where the scores are: a constant of the module would be a weight of it.
    changed = f"{expression[:-1]}, weight={{x}}.new_tensor([{', '.join(weights)}]))"
    lowering = msgspec.structs.replace(step.lowering, expression=changed)
    return msgspec.structs.replace(step, lowering=lowering)


def _weights(plan: Plan, field: str, classes: int) -> list[str]:
    if not field or not classes:
        return []
    data_set = open_data(plan.data)
    training = split_of(data_set, plan.data).training
    counts, labelled = np.zeros(classes, np.int64), 0
    for samples in in_stretches(training):
        labels = data_set.read(field, samples).astype(np.int64).ravel()
        counts += np.bincount(labels[labels >= 0], minlength=classes)
        labelled += len(labels)
    weights = np.where(counts, labelled / (classes * np.maximum(counts, 1)), 0.0)
    return [f"{weight:.5g}" for weight in weights]
