"""What layers for sequences write, say and refuse; shapes and figures are judged in test_layers."""

from typing import Any

import pytest

from nodes.catalogue import make_layer
from nodes.errors import ParameterError, ShapeError
from nodes.layer import Layer
from nodes.sizes import BATCH, Size, symbol
from nodes.tensors import Inputs, TensorType

STATE = TensorType((1, BATCH, 4))


def steps(*sizes: Size) -> Inputs:
    return Inputs({"x": (TensorType((BATCH, *sizes)),)})


def tokens(*sizes: Size, classes: int | None = None) -> Inputs:
    return Inputs({"x": (TensorType((BATCH, *sizes), "int", classes),)})


def refused(layer: Layer, inputs: Inputs) -> ShapeError:
    with pytest.raises(ShapeError) as caught:
        layer.infer(inputs)
    return caught.value


def mended(error: ShapeError) -> list[tuple[str, dict[str, object]]]:
    return [(remedy.label, dict(remedy.params)) for remedy in error.remedies]


@pytest.mark.parametrize(
    ("kind", "params", "module", "expression", "unpack"),
    [
        ("LSTM", {}, "nn.LSTM(8, 64, batch_first=True)", "{module}({x})", "{y}, ({h}, {c})"),
        ("GRU", {}, "nn.GRU(8, 64, batch_first=True)", "{module}({x})", "{y}, {h}"),
        (
            "LSTM",
            {"return_sequence": False, "num_layers": 2, "dropout": 0.1},
            "nn.LSTM(8, 64, num_layers=2, batch_first=True, dropout=0.1)",
            "{module}({x})[1][0][-1]",
            "",
        ),
        (
            "RNN",
            {"bidirectional": True, "return_sequence": False, "dropout": 0.5},
            "nn.RNN(8, 64, batch_first=True, bidirectional=True)",
            "{module}({x})[1][-2:].transpose(0, 1).flatten(1)",
            "",
        ),
    ],
)
def test_recurrent_layers_are_written_as_people_write_them(
    kind: str, params: dict[str, Any], module: str, expression: str, unpack: str
) -> None:
    lowering = make_layer(kind, params).lower(steps(5, 8))

    assert lowering.module is not None and lowering.module.source() == module
    assert (lowering.expression, lowering.unpack) == (expression, unpack)


def test_a_state_goes_on_in_a_layer_of_the_same_size_and_nowhere_else() -> None:
    gru = make_layer("GRU", {"hidden_size": 4})
    x = TensorType((BATCH, 5, 8))

    assert gru.infer(Inputs({"x": (x,), "h0": (STATE,)}))[0].sizes == (BATCH, 5, 4)
    other = refused(make_layer("GRU", {"hidden_size": 6}), Inputs({"x": (x,), "h0": (STATE,)}))
    assert other.why == "“h0” needs 1×6 (layers×size) and receives 1×4."
    for kind in ("Linear", "Flatten", "Select"):
        error = refused(make_layer(kind, {}), Inputs({"x": (STATE,)}))
        assert error.reason == "receives a state"


@pytest.mark.parametrize(("kind", "ports"), [("LSTM", ("h0", "c0")), ("LSTMCell", ("h", "c"))])
def test_a_memory_needs_its_cell(kind: str, ports: tuple[str, str]) -> None:
    layer = make_layer(kind, {"hidden_size": 4})
    x = TensorType((BATCH, 8) if kind == "LSTMCell" else (BATCH, 5, 8))

    for port in ports:
        assert refused(layer, Inputs({"x": (x,), port: (STATE,)})).reason == "half a state"


def test_a_projection_is_smaller_than_the_cell() -> None:
    with pytest.raises(ParameterError, match="It shrinks the hidden size of 4"):
        make_layer("LSTM", {"hidden_size": 4, "proj_size": 4})


def test_a_cell_takes_one_step_and_names_the_layer_for_a_sequence() -> None:
    error = refused(make_layer("GRUCell", {}), steps(5, 8))

    assert error.hint == "Take GRU for a whole sequence."
    wrong = Inputs({"x": (TensorType((BATCH, 8)),), "h": (TensorType((BATCH, 3)),)})
    assert refused(make_layer("GRUCell", {}), wrong).reason == "state does not fit"


def test_an_image_becomes_steps_in_the_way_that_keeps_most() -> None:
    layer = make_layer("LSTM", {})

    assert refused(layer, steps(1, 28, 28)).remedies[0].params == {"sizes": [-1, 28]}
    assert refused(layer, steps(16, 7, 7)).remedies[0].kind == "ImageToSequence"
    assert [remedy.params for remedy in refused(layer, steps(9)).remedies] == [
        {"sizes": [-1, 1]},
        {"sizes": [1, -1]},
    ]
    for remedy in refused(layer, steps(16, 7, 7)).remedies:
        (between,) = make_layer(remedy.kind, remedy.params).infer(steps(16, 7, 7))
        assert layer.infer(Inputs({"x": (between,)}))


@pytest.mark.parametrize("kind", ["CausalSelfAttention", "TransformerEncoder"])
def test_heads_that_do_not_divide_lead_to_those_that_do(kind: str) -> None:
    error = refused(make_layer(kind, {"num_heads": 4}), steps(5, 30))

    assert error.title == "4 heads do not divide 30"
    assert mended(error) == [
        ("Use 3 heads", {"num_heads": 3}),
        ("Use 32 features", {}),
        ("Use 5 heads", {"num_heads": 5}),
    ]


def test_a_single_wire_is_self_attention() -> None:
    layer = make_layer("MultiheadAttention", {})
    query = TensorType((BATCH, 5, 8))
    key = TensorType((BATCH, 7, 6))
    mask = TensorType((BATCH, 7), "bool")

    alone = layer.lower(Inputs({"query": (query,)}))
    across = layer.lower(Inputs({"query": (query,), "key": (key,), "mask": (mask,)}))

    assert alone.expression == "{module}({query}, {query}, {query}, need_weights=False)[0]"
    assert across.expression == (
        "{module}({query}, {key}, {key}, key_padding_mask={mask}, need_weights=False)[0]"
    )
    assert across.module is not None and across.module.source() == (
        "nn.MultiheadAttention(8, 4, kdim=6, vdim=6, batch_first=True)"
    )


def test_only_itself_can_hide_what_is_later() -> None:
    query, key = TensorType((BATCH, 5, 8)), TensorType((BATCH, 7, 8))
    layer = make_layer("MultiheadAttention", {"causal": True})
    plain = make_layer("ScaledDotProductAttention", {"causal": True})

    for error in (
        refused(layer, Inputs({"query": (query,), "key": (key,)})),
        refused(plain, Inputs({"query": (query,), "key": (key,), "value": (key,)})),
    ):
        assert mended(error) == [("Show all steps", {"causal": False})]


def test_a_value_is_needed_for_each_key() -> None:
    layer = make_layer("MultiheadAttention", {})
    given = {"query": (5, 8), "key": (7, 8), "value": (6, 8)}

    inputs = Inputs({port: (TensorType((BATCH, *sizes)),) for port, sizes in given.items()})

    assert refused(layer, inputs).reason == "keys and values differ"
    (vector,) = [TensorType((BATCH, 8))]
    wrong = Inputs({"query": (vector,), "key": (vector,), "value": (vector,)})
    assert refused(make_layer("ScaledDotProductAttention", {}), wrong).shape_code == "LL-S002"


def test_a_mask_is_a_flag_for_each_step() -> None:
    x, mask = TensorType((BATCH, 5, 8)), TensorType((BATCH, 5), "int", 9)

    error = refused(make_layer("TransformerEncoderLayer", {}), Inputs({"x": (x,), "mask": (mask,)}))

    assert error.why == "It receives 5 of whole numbers for 5 steps."
    flags = make_layer("Compare", {}).infer(Inputs({"x": (mask,)}))
    fitting = Inputs({"x": (x,), "mask": flags})
    assert make_layer("TransformerEncoderLayer", {}).infer(fitting)


def test_a_decoder_and_its_memory_have_equal_features() -> None:
    x, memory = TensorType((BATCH, 5, 8)), TensorType((BATCH, 7, 6))

    error = refused(make_layer("TransformerDecoder", {}), Inputs({"x": (x,), "memory": (memory,)}))

    assert error.reason == "features differ"


def test_an_embedding_takes_its_vocabulary_from_the_data() -> None:
    layer = make_layer("Embedding", {"embedding_dim": 16})
    module = layer.lower(tokens(12, classes=50)).module

    assert module is not None and module.source() == "nn.Embedding(50, 16)"
    assert layer.on_card(tokens(12, classes=50)) == "50 → 16" and layer.on_card(None) == "? → 16"
    assert refused(layer, tokens(12)).reason == "vocabulary is open"


@pytest.mark.parametrize(
    ("params", "classes", "remedy"),
    [
        ({"num_embeddings": 20}, 50, ("Set vocabulary to 50", {"num_embeddings": 50})),
        ({"padding_idx": 60}, 50, ("Set padding to 0", {"padding_idx": 0})),
    ],
)
def test_a_number_without_a_vector_is_refused(
    params: dict[str, Any], classes: int, remedy: tuple[str, dict[str, object]]
) -> None:
    error = refused(make_layer("Embedding", params), tokens(12, classes=classes))

    assert mended(error) == [remedy]


def test_padding_is_one_of_the_vocabulary() -> None:
    with pytest.raises(ParameterError, match="goes from 0 to 9"):
        make_layer("Embedding", {"num_embeddings": 10, "padding_idx": 10})


def test_an_embedding_needs_whole_numbers() -> None:
    error = refused(make_layer("Embedding", {}), steps(5, 8))

    assert error.title == "Embedding needs whole numbers"
    assert error.remedies[0].kind == "Linear"
    flags = Inputs({"x": (TensorType((BATCH, 5), "bool"),)})
    assert refused(make_layer("OneHot", {}), flags).why == "It receives 5 of flags."


def test_one_label_for_each_sample_is_no_bag() -> None:
    error = refused(make_layer("EmbeddingBag", {}), tokens(classes=9))

    assert error.remedies[0].kind == "Embedding"


def test_one_hot_needs_to_know_how_many() -> None:
    assert refused(make_layer("OneHot", {}), tokens()).reason == "classes are open"
    error = refused(make_layer("OneHot", {"num_classes": 5}), tokens(classes=9))
    assert mended(error) == [("Set classes to 9", {"num_classes": 9})]


def test_positions_of_an_open_length_need_a_longest() -> None:
    layer = make_layer("LearnedPositions", {})

    assert refused(layer, steps(symbol("T"), 8)).reason == "length is open"
    error = refused(make_layer("LearnedPositions", {"length": 4}), steps(6, 8))
    assert mended(error) == [("Set longest to 6", {"length": 6})]


def test_rotary_positions_turn_pairs() -> None:
    assert refused(make_layer("RotaryPositions", {}), steps(5, 7)).reason == "odd features"
    assert refused(make_layer("RotaryPositions", {}), steps(7)).shape_code == "LL-S002"
    error = refused(
        make_layer("CausalSelfAttention", {"num_heads": 1, "rotary": True}), steps(5, 7)
    )
    assert mended(error) == [("Leave out rotary positions", {"rotary": False})]


def test_patches_fit_into_the_image() -> None:
    layer = make_layer("PatchEmbedding", {"patch_size": 9})

    assert mended(refused(layer, steps(3, 8, 6))) == [("Set patch size to 6", {"patch_size": 6})]
    small = make_layer("PatchEmbedding", {"patch_size": 4, "features": 5})
    assert small.explain(steps(3, 8, 9), small.infer(steps(3, 8, 9))) == "2 · 2 = 4 patches"


def test_steps_fill_whole_rows_of_an_image() -> None:
    error = refused(make_layer("SequenceToImage", {"width": 4}), steps(6, 3))

    assert mended(error)[0] == ("Use 3 columns", {"width": 3})


def test_a_sound_is_a_waveform_longer_than_half_a_window() -> None:
    layer = make_layer("MelSpectrogram", {})

    assert refused(layer, steps(2, 16000)).reason == "needs a waveform"
    assert refused(layer, steps(200)).reason == "sound too short"
    assert (
        layer.explain(steps(16000), layer.infer(steps(16000))) == "⌊16000 ÷ 160⌋ + 1 = 101 frames"
    )
    with pytest.raises(ParameterError, match="tells 51 tones apart"):
        make_layer("MelSpectrogram", {"n_fft": 100})
    with pytest.raises(ParameterError, match="Coefficients cannot be 65"):
        make_layer("MFCC", {"n_mfcc": 65})


def test_means_and_spreads_are_of_one_shape() -> None:
    mean, spread = TensorType((BATCH, 4)), TensorType((BATCH, 5))

    error = refused(
        make_layer("VariationalSampler", {}), Inputs({"mean": (mean,), "log_variance": (spread,)})
    )

    assert error.why == "The mean is 4, the log variance 5."
    one = Inputs({"x": (TensorType((BATCH,)),), "log_variance": (TensorType((BATCH,)),)})
    assert refused(make_layer("GaussianKLLoss", {}), one).reason == "needs vectors"
