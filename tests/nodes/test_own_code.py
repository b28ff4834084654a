import msgspec
import pytest
from own_texts import HALVED, SCALED

from nodes.catalogue import set_up
from nodes.errors import CodeError, ParameterError, ShapeError
from nodes.own_code import read_code, with_name
from nodes.own_layer import (
    Failed,
    Found,
    OwnLayerError,
    UnansweredError,
    forget_failures,
    own_kind,
    remember,
)
from nodes.params import fields_of
from nodes.sizes import BATCH
from nodes.tensors import Inputs, TensorType

IMAGE = TensorType((BATCH, 3, 8, 8))
HEAD = "from torch import Tensor, nn\n\n\nclass Layer(nn.Module):\n"


def test_a_class_says_its_properties_its_ports_and_its_help() -> None:
    code = read_code(SCALED)

    assert (code.name, code.summary, code.when) == (
        "Scaled",
        "Weighs each channel.",
        "For pictures.",
    )
    assert [one.name for one in code.parameters] == ["gain", "mode"]
    assert [one.help for one in code.parameters] == ["What the weights begin at.", "How it weighs."]
    assert code.derived == ("in_channels",)
    assert [port.name for port in code.inputs] == ["x"]
    assert code.outputs == ("y",)
    assert code.imports == ("math", "typing", "torch")


def test_a_function_says_them_too() -> None:
    code = read_code(HALVED)

    assert not code.is_module
    assert [(port.name, port.optional) for port in code.inputs] == [("x", False), ("other", True)]
    assert [one.name for one in code.parameters] == ["parts"]
    assert code.outputs == ("first", "second")


@pytest.mark.parametrize(
    ("annotation", "default", "editor"),
    [
        ("int", "3", "int"),
        ("float", "3", "float"),
        ("bool", "True", "bool"),
        ("str", '"a"', "text"),
        ('Literal["a", "b"]', '"a"', "choice"),
        ("int | tuple[int, int]", "3", "span"),
        ("tuple[int, ...]", "(1, 2)", "ints"),
        ("int | None", "None", "int"),
        ("Optional[float]", "None", "float"),
        ("", "2", "int"),
    ],
)
def test_a_typed_argument_becomes_a_property(annotation: str, default: str, editor: str) -> None:
    typed = f"size: {annotation} = {default}" if annotation else f"size={default}"
    text = f"{HEAD}    def __init__(self, {typed}): ...\n    def forward(self, x): return x\n"

    (field,) = fields_of(own_kind(text))

    assert field.editor == editor


def test_a_default_that_nobody_can_type_stays_what_it_is() -> None:
    text = (
        f"{HEAD}    def __init__(self, norm=nn.Identity): ...\n    def forward(self, x): return x\n"
    )

    assert read_code(text).parameters == ()


@pytest.mark.parametrize(
    ("text", "line", "title"),
    [
        ("x = (1,\n", 1, "Python cannot read this"),
        ("x = 1\n", 1, "There is no layer yet"),
        (f"{HEAD}    pass\n", 4, "Layer has no forward"),
        (f"{HEAD}    def forward(self, *xs): return xs\n", 5, "forward takes any number"),
        (f"{HEAD}    def forward(self): return 1\n", 5, "forward takes no tensor"),
        (f"{HEAD}    def forward(self, x, n: int): return x\n", 5, "“n” is no tensor"),
        (
            f"{HEAD}    def __init__(self, norm): ...\n    def forward(self, x): return x\n",
            5,
            "“norm” cannot be set",
        ),
        (
            f"{HEAD}    def __init__(self, inputs: int): ...\n    def forward(self, x): return x\n",
            5,
            "An argument cannot be called “inputs”",
        ),
        ("def f(x):\n    return x\n" + "-" * 60_000 + "1", 1, "Python cannot read this"),
        ("def f(x):\n    return '\0'", 1, "Python cannot read this"),
    ],
)
def test_what_is_no_layer_is_told_with_its_line(text: str, line: int, title: str) -> None:
    with pytest.raises(CodeError) as told:
        read_code(text)

    assert told.value.title.startswith(title)
    assert told.value.line >= line


def test_reading_a_text_runs_nothing_of_it() -> None:
    text = f"raise SystemExit\n{HALVED}"

    assert read_code(text).name == "halved"


def test_parameters_are_checked_like_those_of_any_layer() -> None:
    kind = own_kind(SCALED)

    assert set_up(kind, {"gain": 2}).on_card(None) == "gain 2"
    with pytest.raises(ParameterError, match="Mode cannot be"):
        set_up(kind, {"mode": "other"})
    with pytest.raises(ParameterError, match="has no parameter"):
        set_up(kind, {"gein": 1})


def test_its_shape_is_what_somebody_found_by_running_it() -> None:
    layer = set_up(own_kind(SCALED), {"gain": 0.25})
    inputs = Inputs({"x": (IMAGE,)})

    with pytest.raises(UnansweredError) as asked:
        layer.infer(inputs)
    (question,) = asked.value.questions
    remember(question, Found(types=(IMAGE,), parameters=3))

    assert layer.infer(inputs) == (IMAGE,)
    assert layer.parameters(inputs) == 3
    assert dict(question.params) == {"in_channels": 3, "gain": 0.25, "mode": "plain"}


def test_what_went_wrong_is_told_with_the_line_of_its_text() -> None:
    layer = set_up(own_kind(SCALED), {"gain": 0.5})
    inputs = Inputs({"x": (IMAGE,)})
    with pytest.raises(UnansweredError) as asked:
        layer.infer(inputs)

    remember(asked.value.questions[0], Failed(title="It fails", why="Too warm.", line=7))

    with pytest.raises(OwnLayerError) as told:
        layer.infer(inputs)
    assert told.value.line == 7
    assert "Line 7" in told.value.why
    assert forget_failures(SCALED)
    with pytest.raises(UnansweredError):
        layer.infer(inputs)


def test_a_size_that_follows_from_what_arrives_must_be_known() -> None:
    layer = own_kind(SCALED)()

    with pytest.raises(ShapeError, match="in_channels"):
        layer.infer(Inputs({"x": (TensorType((BATCH,)),)}))


def test_its_call_names_what_differs_from_the_defaults_and_what_is_connected() -> None:
    layer = set_up(own_kind(HALVED), {"parts": 4})

    alone = layer.lower(Inputs({"x": (IMAGE,)}))
    both = layer.lower(Inputs({"x": (IMAGE,), "other": (IMAGE,)}))

    assert alone.expression == "halved({x}, parts=4)"
    assert both.expression == "halved({x}, other={other}, parts=4)"
    assert alone.unpack == "{first}, {second}"
    assert alone.code == HALVED


def test_a_layer_of_another_name_is_the_same_otherwise() -> None:
    renamed = with_name(SCALED, "Scaled", "Scaled2")

    assert read_code(renamed).name == "Scaled2"
    assert msgspec.structs.replace(read_code(renamed), name="", text="", defines=frozenset()) == (
        msgspec.structs.replace(read_code(SCALED), name="", text="", defines=frozenset())
    )
