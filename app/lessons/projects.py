"""The lesson of each built-in project: what to watch, what to try, what it teaches."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from app.lessons.acts import Told
from app.lessons.lesson import Lesson
from app.lessons.of_images import IMAGES
from app.lessons.of_learning import LEARNING
from app.lessons.of_signals import SIGNALS
from app.lessons.of_tables import TABLES
from app.lessons.of_texts import TEXTS
from engine.project.project import Project
from engine.project.templates import open_template, templates

LESSONS_BY_PROJECT: Mapping[str, Told] = {**IMAGES, **LEARNING, **TABLES, **SIGNALS, **TEXTS}
"""By the keys of the templates."""


def lesson_of(project: Project) -> Lesson | None:
    """Return the lesson of a built-in project, also where somebody has gone on with it."""
    for template in templates():
        if template.title == project.name:
            taught = LESSONS_BY_PROJECT[template.key]
            return Lesson(
                key=template.key,
                title=template.title,
                project=partial(open_template, template.key),
                steps=taught.steps,
                ending=taught.ending,
            )
    return None
