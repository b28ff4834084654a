"""The recipe of the drawing in every form that shows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from app.document import Document

if TYPE_CHECKING:
    from app.training.panel import TrainingPanel
    from app.training.recipe_form import RecipeForm
    from engine.project.recipe import Recipe


class RecipeForms:
    """Keeps forms in step with the recipe; what is changed in one is one undo step a gesture."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._forms: list[RecipeForm | TrainingPanel] = []
        self._refused: Mapping[str, str] = {}

    def serve(self, form: RecipeForm | TrainingPanel) -> None:
        """Let a form show the recipe of the drawing, and change it."""
        self._forms.append(form)
        form.show_recipe(self._document.project.recipe)
        form.set_refused(self._refused)
        form.recipe_changed.connect(self.change)
        self._document.recipe_changed.connect(form.show_recipe)

    def change(self, recipe: Recipe, label: str, gesture: int | None) -> None:
        """Change how the drawing is trained."""
        self._document.set_recipe(recipe, label, gesture=gesture)

    def set_refused(self, why: Mapping[str, str]) -> None:
        """Grey the precisions that no device here can compute with, each with the reason."""
        self._refused = why
        for form in self._forms:
            form.set_refused(why)
