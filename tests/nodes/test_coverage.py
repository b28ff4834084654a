"""Every module of torch is in the catalogue, or there is a reason why not."""

import inspect

from torch import nn

from nodes.catalogue import LAYERS

_LEFT_OUT = {
    **dict.fromkeys(
        ("Module", "Sequential", "ModuleList", "ModuleDict", "Container"),
        "hold other modules: a drawing and its composites do that",
    ),
    **dict.fromkeys(
        (
            "Parameter",
            "ParameterList",
            "ParameterDict",
            "Buffer",
            "UninitializedParameter",
            "UninitializedBuffer",
        ),
        "hold numbers and compute nothing",
    ),
    **dict.fromkeys(
        (
            "LazyLinear",
            "LazyBatchNorm1d",
            "LazyBatchNorm2d",
            "LazyBatchNorm3d",
            "LazyConv1d",
            "LazyConv2d",
            "LazyConv3d",
            "LazyConvTranspose1d",
            "LazyConvTranspose2d",
            "LazyConvTranspose3d",
            "LazyInstanceNorm1d",
            "LazyInstanceNorm2d",
            "LazyInstanceNorm3d",
        ),
        "find out their input size when they run: here it is known from the wires",
    ),
    **dict.fromkeys(("RNNBase", "RNNCellBase"), "are what RNN, GRU and LSTM are made from"),
    **dict.fromkeys(
        ("DataParallel", "SyncBatchNorm"), "are for several devices: the trainer's business"
    ),
    **dict.fromkeys(
        ("UpsamplingBilinear2d", "UpsamplingNearest2d"), "are older names of Upsample's modes"
    ),
    "CrossMapLRN2d": "is an older form of LocalResponseNorm",
    "NLLLoss2d": "is an older name of NLLLoss",
    **dict.fromkeys(
        ("AdaptiveLogSoftmaxWithLoss", "LinearCrossEntropyLoss", "LinearCrossEntropyOptions"),
        "have weights inside the loss, which a drawing shows as layers before it",
    ),
    "TripletMarginWithDistanceLoss": "takes a Python function",
}
"""Public classes of ``torch.nn`` without a layer, and why."""


def test_every_module_of_torch_has_a_layer_or_a_reason() -> None:
    public = {name for name, one in inspect.getmembers(nn, inspect.isclass) if name[0] != "_"}

    assert public - set(LAYERS) == set(_LEFT_OUT)


def test_what_is_left_out_is_not_there_under_another_name() -> None:
    assert not set(_LEFT_OUT) & set(LAYERS)
