"""What losses accept, and what they say of predictions and targets that do not go together."""

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - as the generated source names it
from torch import nn

from nodes.catalogue import make_layer
from nodes.errors import ShapeError
from nodes.sizes import BATCH, Size, symbol
from nodes.tensors import DType, Inputs, TensorType


def numbers(*sizes: Size) -> TensorType:
    return TensorType((BATCH, *sizes))


def labels(classes: int | None, *sizes: Size, dtype: DType = "int") -> TensorType:
    return TensorType((BATCH, *sizes), dtype, classes)


def pair(x: TensorType, target: TensorType) -> Inputs:
    return Inputs({"x": (x,), "target": (target,)})


def refused(kind: str, x: TensorType, target: TensorType) -> ShapeError:
    with pytest.raises(ShapeError) as caught:
        make_layer(kind, {}).infer(pair(x, target))
    return caught.value


def test_as_many_scores_as_classes_are_needed_and_the_layer_before_is_offered_them() -> None:
    error = refused("CrossEntropyLoss", numbers(10), labels(12))

    assert error.title == "12 classes, 10 outputs"
    assert error.why == "The target has 12 labels. The prediction gives 10 values."
    (remedy,) = error.remedies
    assert (remedy.action, remedy.target, remedy.port) == ("set_params", "upstream", "x")
    assert remedy.params == {"out_features": 12}


def test_an_image_of_scores_takes_its_classes_from_channels() -> None:
    error = refused("CrossEntropyLoss", numbers(10, 7, 7), labels(12, 7, 7))

    assert error.remedies[0].params == {"out_channels": 12}


@pytest.mark.parametrize(
    ("x", "target"),
    [
        (numbers(10), labels(10)),
        (numbers(10), labels(None)),
        (numbers(symbol("K")), labels(10)),
        (numbers(4, 7, 7), labels(4, 7, 7)),
        (numbers(4, symbol("H"), 7), labels(4, symbol("H"), 7)),
        (numbers(4, 9), labels(4, 9)),
    ],
)
def test_scores_and_labels_that_go_together_give_one_number(
    x: TensorType, target: TensorType
) -> None:
    assert make_layer("CrossEntropyLoss", {}).infer(pair(x, target)) == (TensorType(()),)


def test_an_image_does_not_answer_one_question_for_each_sample() -> None:
    error = refused("CrossEntropyLoss", numbers(16, 7, 7), labels(10))

    assert error.reason == "needs class scores"
    assert "one label for each sample" in error.why
    assert [remedy.kind for remedy in error.remedies] == ["Flatten", "GlobalAvgPool2d"]


def test_labels_at_each_place_need_scores_at_each_place() -> None:
    error = refused("CrossEntropyLoss", numbers(10), labels(10, 7, 7))

    assert error.title.endswith("at each place")
    assert error.remedies == ()
    assert refused("CrossEntropyLoss", numbers(), labels(10)).reason == "needs class scores"


def test_cross_entropy_leads_numbers_to_a_loss_for_numbers() -> None:
    error = refused("CrossEntropyLoss", numbers(1, 28, 28), numbers(1, 28, 28))

    assert error.title == "Cross-entropy needs labels"
    assert error.remedies[0].kind == "MSELoss"
    assert refused("CrossEntropyLoss", numbers(10), numbers(3)).remedies == ()


def test_smoothing_is_written_only_where_it_is_set() -> None:
    inputs = pair(numbers(10), labels(10))

    plain = make_layer("CrossEntropyLoss", {}).lower(inputs)
    smooth = make_layer("CrossEntropyLoss", {"label_smoothing": 0.1}).lower(inputs)

    assert plain.expression == "F.cross_entropy({x}, {target})"
    assert smooth.expression == "F.cross_entropy({x}, {target}, label_smoothing=0.1)"


@pytest.mark.parametrize("kind", ["MSELoss", "L1Loss"])
def test_losses_for_numbers_lead_labels_to_cross_entropy(kind: str) -> None:
    error = refused(kind, numbers(10), labels(10))

    assert error.why == "The target holds labels of 10 classes."
    assert error.remedies[0].kind == "CrossEntropyLoss"
    assert refused(kind, numbers(10), labels(None)).why == "The target holds whole numbers."
    assert refused(kind, numbers(10), labels(None, dtype="bool")).why == "The target holds flags."


@pytest.mark.parametrize(
    ("x", "target", "params"),
    [
        (numbers(3), numbers(5), [{"out_features": 5}]),
        (numbers(3), numbers(), [{"out_features": 1}]),
        (numbers(8, 28, 28), numbers(1, 28, 28), [{"out_channels": 1}]),
        (numbers(1, 28, 28), numbers(784), [{"sizes": [784]}]),
        (numbers(784), numbers(1, 28, 28), [{"sizes": [1, 28, 28]}]),
        (numbers(1, 7, 7), numbers(1, 28, 28), [{"out_channels": 1}][:0]),
        (numbers(3), numbers(symbol("F")), []),
        (TensorType(()), numbers(5), []),
    ],
)
def test_a_prediction_of_another_shape_is_refused_with_what_makes_it_fit(
    x: TensorType, target: TensorType, params: list[dict[str, object]]
) -> None:
    error = refused("MSELoss", x, target)

    assert error.shape_code == "LL-S012"
    assert [remedy.params for remedy in error.remedies] == params


@pytest.mark.parametrize("kind", ["MSELoss", "L1Loss", "BCEWithLogitsLoss"])
def test_one_value_for_each_sample_is_compared_with_one_number_for_each_sample(kind: str) -> None:
    layer = make_layer(kind, {})
    inputs = pair(numbers(1), numbers())
    assert layer.infer(inputs) == (TensorType(()),)

    x, target = torch.randn(5, 1), torch.rand(5)
    scope = {"F": F, "x": x, "target": target}
    ours = eval(layer.lower(inputs).expression.format(x="x", target="target"), scope)

    assert torch.equal(ours, getattr(nn, kind)()(x[:, 0], target))


def test_yes_or_no_may_come_as_label_flag_or_number() -> None:
    layer = make_layer("BCEWithLogitsLoss", {})

    for target in (labels(2), labels(None, dtype="bool"), numbers()):
        assert layer.infer(pair(numbers(1), target))
    assert ".float()" in layer.lower(pair(numbers(1), labels(2))).expression
    assert ".float()" not in layer.lower(pair(numbers(1), numbers())).expression


def test_more_than_yes_or_no_leads_to_cross_entropy() -> None:
    error = refused("BCEWithLogitsLoss", numbers(10), labels(10))

    assert error.title == "BCEWithLogitsLoss needs yes or no"
    assert error.remedies[0].kind == "CrossEntropyLoss"
    assert refused("BCEWithLogitsLoss", numbers(10), labels(None)).remedies == ()


def test_a_loss_is_the_end_of_a_drawing() -> None:
    for kind in ("CrossEntropyLoss", "MSELoss", "L1Loss", "BCEWithLogitsLoss"):
        layer = make_layer(kind, {})

        assert layer.info.role == "loss"
        assert [port.name for port in layer.inputs() if port.target] == ["target"]
