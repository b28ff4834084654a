"""``--set augment.STEP``: steps of augmentation from the command line."""

from typing import Final

import msgspec

from app.cli.closest import no_such
from app.cli.readings import allowed, cannot_be, readings
from engine.data.augmentation import data_of, with_augmentation
from engine.project.project import Project
from nodes.augmentation import STEPS, Augmentation, check_step, key_of
from nodes.errors import ParameterError, UsageError
from nodes.params import fields_of

_SWITCHES: Final = {"on": True, "true": True, "off": False, "false": False}
_KINDS: Final = {key_of(step): step for step in STEPS}


def with_step(project: Project, key: str, text: str) -> Project:
    """Return the project with a step switched on or off, or a setting of it changed.

    Args:
        key: ``rotate``, which goes on or off, or ``rotate.degrees``, which also puts it on.

    Raises:
        UsageError: There is no such step or setting, or it cannot have this value.
    """
    name, _, setting = key.partition(".")
    if name not in _KINDS:
        raise no_such("step of augmentation", name, list(_KINDS))
    found = data_of(project.graph)
    if found is None:
        raise UsageError("There is no data to augment", why="The drawing has no Data node.")
    node, data = found
    there = next((step for step in data.augmentation if key_of(type(step)) == name), None)
    wanted = (
        _changed(there or _KINDS[name](), setting, text) if setting else _switched(there, key, text)
    )
    others = [step for step in data.augmentation if step is not there]
    place = data.augmentation.index(there) if there is not None else len(others)
    steps = others if wanted is None else [*others[:place], wanted, *others[place:]]
    graph = with_augmentation(project.graph, node, steps)
    return msgspec.structs.replace(project, graph=graph)


def _switched(there: Augmentation | None, key: str, text: str) -> Augmentation | None:
    is_on = _SWITCHES.get(text.lower())
    if is_on is None:
        why = f"It is on or off; its settings are {', '.join(_settings(key))}."
        raise cannot_be(f"augment.{key}", text, why)
    return (there or _KINDS[key]()) if is_on else None


def _changed(step: Augmentation, setting: str, text: str) -> Augmentation:
    name = key_of(type(step))
    known = [field.name for field in fields_of(type(step))]
    if setting not in known:
        raise no_such(f"setting of {step.info.title}", setting, known)
    for value in readings(text):
        try:
            plain = {**msgspec.to_builtins(step), setting: value}
            changed: Augmentation = msgspec.convert(plain, type(step))
            check_step(changed)
        except (msgspec.ValidationError, ParameterError):
            continue
        return changed
    raise cannot_be(f"augment.{name}.{setting}", text, allowed(type(step), setting))


def _settings(name: str) -> list[str]:
    return [f"augment.{name}.{field.name}" for field in fields_of(_KINDS[name])]
