import subprocess
import sys

from small_runs import Drawing, a_small_cnn

from engine.compile.plan import project_plan
from engine.data.builtin import open_data_set
from engine.data.meaning import Meaning, describe, main_meaning, meanings


def test_an_output_that_enters_cross_entropy_predicts_classes() -> None:
    plan = project_plan(a_small_cnn())

    assert meanings(plan) == (Meaning(output=0, kind="classes", target="label", classes=10),)


def test_with_several_outputs_the_one_that_predicts_classes_is_the_main_one() -> None:
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Conv2d", "copy", "data.image", out_channels=1, kernel_size=3)
    drawing.put("MSELoss", "likeness", "copy", "data.image")
    drawing.put("Flatten", "flatten", "copy")
    drawing.put("Linear", "scores", "flatten", out_features=10)
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.label")
    plan = project_plan(drawing.project("Two"))

    main = main_meaning(plan)

    assert sorted(meaning.kind for meaning in meanings(plan)) == ["classes", "numbers"]
    assert main is not None and main.kind == "classes"


def test_an_output_that_enters_binary_cross_entropy_is_read_by_its_sigmoid() -> None:
    fields = [
        {"name": "image", "kind": "image", "sizes": [1, 28, 28]},
        {"name": "round", "kind": "number", "sizes": [1]},
    ]
    drawing = Drawing()
    drawing.put("Data", "data", fields=fields)
    drawing.put("Flatten", "flatten", "data.image")
    drawing.put("Linear", "score", "flatten", out_features=1)
    drawing.put("BCEWithLogitsLoss", "loss", "score", "data.round")

    found = meanings(project_plan(drawing.project("Round")))

    assert found == (Meaning(output=0, kind="yes_no", target="round"),)


def test_pixels_that_are_drawn_again_are_numbers_whatever_they_are_compared_by() -> None:
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Conv2d", "again", "data.image", out_channels=1, activation="Sigmoid")
    drawing.put("BCELoss", "loss", "again", "data.image")

    found = meanings(project_plan(drawing.project("Again")))

    assert found == (Meaning(output=0, kind="numbers", target="image"),)


def test_logarithms_of_chances_predict_classes_too() -> None:
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Flatten", "flatten", "data.image")
    drawing.put("Linear", "scores", "flatten", out_features=10)
    drawing.put("LogSoftmax", "chances", "scores")
    drawing.put("NLLLoss", "loss", "chances", "data.label")

    (found,) = meanings(project_plan(drawing.project("Chances")))

    assert found == Meaning(output=0, kind="classes", target="label", classes=10)


def test_vectors_of_pairs_are_not_measured_against_their_answer() -> None:
    fields = [
        {"name": "image", "kind": "image", "sizes": [1, 28, 28]},
        {"name": "alike", "kind": "number"},
    ]
    drawing = Drawing()
    drawing.put("Data", "data", fields=fields)
    drawing.put("Flatten", "flatten", "data.image")
    for name in ("one", "other"):
        drawing.put("Linear", name, "flatten", out_features=4)
    drawing.put("CosineEmbeddingLoss", "loss", "one", "other", "data.alike")

    found = meanings(project_plan(drawing.project("Pairs")))

    assert [(meaning.kind, meaning.target) for meaning in found] == [("numbers", "")] * 2


def test_the_description_says_what_goes_in_and_comes_out() -> None:
    found = describe(project_plan(a_small_cnn()), open_data_set("digits").spec)

    assert found["inputs"] == [
        {"name": "image", "kind": "image", "shape": [1, 28, 28], "dtype": "float"}
    ]
    (output,) = found["outputs"]
    assert (output["name"], output["labels"]) == ("scores", list("0123456789"))


def test_what_outputs_mean_is_known_without_torch() -> None:
    program = "import sys, engine.data.meaning; sys.exit('torch' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
