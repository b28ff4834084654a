"""The lessons."""

from __future__ import annotations

from msgspec.structs import replace

from app.lessons.acts import began
from app.lessons.lesson import Lesson, Situation, Step
from engine.graph.edits import set_params
from engine.project.beginning import empty_project
from engine.project.project import Project
from engine.project.templates import open_template

_FEW = {"validation_share": 0.1, "test_share": 0.87}
_GAP = 1.5
"""A validation loss so many times the training loss is a gap that is seen on the curves."""


def _ended(now: Situation, _start: Situation) -> bool:
    return now.has_ended and not now.is_training


def _saw_epoch(now: Situation, _start: Situation) -> bool:
    return bool(now.validation) or _ended(now, now)


def _few_digits() -> Project:
    project = open_template("digits-mlp")
    data = next(node.id for node in project.graph.nodes.values() if node.kind == "Data")
    graph = set_params(project.graph, data, _FEW)
    recipe = replace(project.recipe, epochs=40)
    return replace(project, name="Overfitting", graph=graph, recipe=recipe)


def _first_network() -> Project:
    return replace(empty_project(), name="Your first network")


def _convolution() -> Project:
    return replace(open_template("digits-mlp"), name="A convolution")


def _digits(name: str) -> Project:
    return replace(open_template("digits"), name=name)


def _rate() -> Project:
    project = open_template("digits-mlp")
    recipe = replace(project.recipe, epochs=4, schedule="constant")
    return replace(project, name="The learning rate", recipe=recipe)


def _breaks(now: Situation, _start: Situation) -> bool:
    return bool(now.report.errors)


def _mends(now: Situation) -> bool:
    return not now.report.errors


def _halving(now: Situation) -> int:
    return sum(node.params.get("stride") == 2 for node in now.graph.nodes.values())


def _opens_gap(now: Situation, _start: Situation) -> bool:
    pairs = zip(now.training, now.validation, strict=False)
    return any(after > _GAP * before for before, after in pairs) or _ended(now, now)


LESSONS = (
    Lesson(
        key="first-network",
        title="Your first network",
        minutes=3,
        project=_first_network,
        steps=(
            Step(
                "Here are pictures of digits, and a loss that says how wrong an answer is. Select "
                "**Data**, press **Tab**, type **flatten** and press **Enter**.",
                lambda now, start: now.count("Flatten") > start.count("Flatten"),
                "canvas",
            ),
            Step(
                "Each picture is now a row of 784 numbers. Press **Tab**, type **linear 10** and "
                "press **Enter**: one score for each digit.",
                lambda now, start: now.count("Linear") > start.count("Linear"),
                "canvas",
            ),
            Step(
                "Drag from the circle below **Linear** to the free circle above **Cross-entropy**. "
                "Circles that fit light up.",
                lambda now, _start: not now.report.errors and now.report.totals.complete,
                "canvas",
            ),
            Step("The drawing is a network. Press **Train**.", began, "train"),
            Step(
                "The loss falls: the network is wrong less often. Wait for the first epoch to end.",
                _saw_epoch,
                "training",
            ),
            Step(
                "Open **Try** at the top, and draw a digit into the field.",
                lambda now, _start: now.has_tried,
                "layouts",
            ),
        ),
        ending="You drew, trained and tried a network. Save it, or go on with “A convolution”.",
    ),
    Lesson(
        key="convolution",
        title="A convolution",
        minutes=4,
        project=_convolution,
        steps=(
            Step(
                "This network sees a picture as 784 numbers without places. Select **Digits**, "
                "press **Tab**, type **conv 8** and press **Enter**.",
                lambda now, start: now.count("Conv2d") > start.count("Conv2d"),
                "canvas",
            ),
            Step(
                "Eight filters of 3 by 3 slide over the picture: the wire below says 8×28×28. "
                "Press **Tab**, type **maxpool** and press **Enter** to halve its sides.",
                lambda now, start: now.count("MaxPool2d") > start.count("MaxPool2d"),
                "canvas",
            ),
            Step(
                "Select **Conv2d**. Properties say what it does and how many weights it learns.",
                lambda now, _start: now.has_chosen("Conv2d"),
                "properties",
            ),
            Step("Press **Train**.", began, "train"),
            Step(
                "Small pictures on the cards show what each layer puts out. Wait for the first "
                "epoch to end.",
                _saw_epoch,
                "canvas",
            ),
            Step(
                "Activations shows all maps of the selected layer, some for edges, some for "
                "strokes. Select **MaxPool2d** to see them at half the size.",
                lambda now, _start: now.has_chosen("MaxPool2d"),
                "activations",
            ),
        ),
        ending="A convolution learns what to look for, and finds it anywhere in the picture.",
    ),
    Lesson(
        key="overfitting",
        title="Overfitting",
        minutes=4,
        project=_few_digits,
        steps=(
            Step(
                "This network has 100 000 weights and only 300 pictures to learn from. Press "
                "**Train**.",
                began,
                "train",
            ),
            Step(
                "Watch both curves: **Train** goes on falling, **Val** does not. The network "
                "learns its pictures by heart.",
                _opens_gap,
                "training",
            ),
            Step(
                "Press **Stop**, or wait until the run ends.",
                _ended,
                "train",
            ),
            Step(
                "Select the first **Linear**, press **Tab**, type **dropout .5** and press "
                "**Enter**: it leaves out half of the values at random while it trains.",
                lambda now, start: now.count("Dropout") > start.count("Dropout"),
                "canvas",
            ),
            Step("Press **Train** again.", began, "train"),
            Step(
                "Train falls more slowly now, and Val follows it for longer. Wait for the run to "
                "end, or stop it.",
                _ended,
                "training",
            ),
        ),
        ending="A model is as good as it is on what it never saw. Runs compares the two trainings.",
    ),
    Lesson(
        key="shapes",
        title="Shapes that do not fit",
        minutes=3,
        project=lambda: _digits("Shapes that do not fit"),
        steps=(
            Step(
                "The words beside a wire say what passes: 16×14×14 is 16 maps of 14 by 14. Select "
                "the first **Conv2d** in **Residual block**, and set **Stride** to 2.",
                _breaks,
                "properties",
            ),
            Step(
                "Add needs two equal shapes; the card beside it says where they differ. Press "
                "**Insert 1×1 Conv2d on the skip**.",
                lambda now, start: _mends(now) and now.count("Conv2d") > start.count("Conv2d"),
                "canvas",
            ),
            Step(
                "Now both ways halve the maps. Press **Ctrl+Z** to take that back: every step can "
                "be undone, one by one.",
                lambda now, start: len(now.graph.nodes) < len(start.graph.nodes),
                "canvas",
            ),
            Step(
                "The error is back. Press **Ctrl+Z** once more: the stride is 1 again, and all "
                "shapes fit.",
                lambda now, start: _halving(now) < _halving(start),
                "canvas",
            ),
            Step(
                "Click on the wire above **Flatten** and press **Delete**. What lies below waits, "
                "and says for what.",
                lambda now, start: len(now.graph.links) < len(start.graph.links),
                "canvas",
            ),
            Step(
                "Drag from the circle below **Add** to the one above **Flatten**, or anywhere onto "
                "its card.",
                lambda now, start: _mends(now) and len(now.graph.links) > len(start.graph.links),
                "canvas",
            ),
        ),
        ending="Errors are told where they are, with what mends them. **F8** goes to the next one.",
    ),
    Lesson(
        key="blocks",
        title="Blocks",
        minutes=3,
        project=lambda: _digits("Blocks"),
        steps=(
            Step(
                "Large networks repeat small ones. Click on the name **Residual block**, which "
                "selects its layers, and press **Ctrl+Shift+G**.",
                lambda now, start: now.count("Composite") > start.count("Composite"),
                "canvas",
            ),
            Step(
                "Three layers became one card. Press **Enter** to keep its name, and once more to "
                "look inside.",
                lambda now, start: now.depth > start.depth,
                "canvas",
            ),
            Step(
                "Everything can be changed in here, and all uses of the block change with it. "
                "Press **Ctrl+Up** to go back.",
                lambda now, start: now.depth < start.depth,
                "canvas",
            ),
            Step(
                "Press **R**, type **3** and press **Enter**: the block stands three times in a "
                "row, each time with weights of its own.",
                lambda now, _start: now.has_repeat,
                "canvas",
            ),
            Step("The network is four convolutions deeper now. Press **Train**.", began, "train"),
            Step("Wait for the first epoch to end.", _saw_epoch, "training"),
        ),
        ending="Save as Block keeps a block in the library, for all your projects.",
    ),
    Lesson(
        key="rate",
        title="The learning rate",
        minutes=4,
        project=_rate,
        steps=(
            Step(
                "The learning rate says how far each step goes. Click on empty canvas, and set "
                "**Learning rate** in Properties to 1.",
                lambda now, _start: now.recipe.learning_rate >= 1,
                "properties",
            ),
            Step("Press **Train**.", began, "train"),
            Step(
                "The steps are too long: the loss jumps and hardly falls. Press **Stop**, or wait "
                "until the run ends.",
                _ended,
                "training",
            ),
            Step(
                "Set **Learning rate** to 0.003. **Find a Learning Rate…** in the Train menu would "
                "find one by trying.",
                lambda now, start: now.recipe.learning_rate <= 0.02 < start.recipe.learning_rate,
                "properties",
            ),
            Step("Press **Train** again.", began, "train"),
            Step(
                "The loss falls at once. Wait for the first epoch to end.",
                _saw_epoch,
                "training",
            ),
        ),
        ending="Too high a rate jumps about, too low a rate takes forever: it is tried first.",
    ),
)
"""In the order in which they build on each other."""
