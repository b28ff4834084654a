from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import pytest
import torch
from PIL import Image
from small_runs import Drawing, a_small_cnn, save_run, what_reads_images_of_any_size, with_any_size
from torch.nn.functional import linear

from engine.data.builtin import open_data_set
from engine.evaluate.loading import LoadedRun, load_run
from engine.evaluate.predict import predict_files
from engine.evaluate.reading import read_samples
from engine.graph.edits import name_output
from engine.graph.elements import End
from nodes.errors import DataError, UsageError


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> LoadedRun:
    return load_run(save_run(tmp_path_factory.mktemp("runs") / "run", a_small_cnn()))


@pytest.fixture(scope="module")
def digits() -> npt.NDArray[np.uint8]:
    return open_data_set("digits").read("image", np.arange(3)).astype(np.uint8)


def test_a_sample_of_the_data_set_is_answered_with_the_truth_beside_it(loaded: LoadedRun) -> None:
    data = open_data_set("digits")
    image = torch.from_numpy(data.read("image", np.array([12]))).float() / 255
    with torch.inference_mode():
        expected = loaded.compiled.module(image)[0].softmax(0)

    (found,) = predict_files(loaded, ["sample:12"])

    assert found.label == str(int(expected.argmax()))
    assert found.probability == pytest.approx(float(expected.max()))
    assert found.probabilities == pytest.approx(expected.tolist())
    assert found.labels == tuple("0123456789")
    assert found.truth == str(data.read("label", np.array([12]))[0])


@pytest.mark.parametrize("form", ["png", "rgb", "npy", "npy-grey", "npy-float", "npz"])
def test_every_form_of_the_same_digit_is_answered_alike(
    loaded: LoadedRun, digits: npt.NDArray[np.uint8], tmp_path: Path, form: str
) -> None:
    path = tmp_path / ("digit.png" if form in ("png", "rgb") else f"digit.{form[:3]}")
    match form:
        case "png":
            Image.fromarray(digits[0, 0]).save(path)
        case "rgb":
            Image.fromarray(digits[0, 0]).convert("RGB").save(path)
        case "npy":
            np.save(path, digits[0])
        case "npy-grey":
            np.save(path, digits[0, 0])
        case "npy-float":
            np.save(path, digits[0] / 255)
        case _:
            np.savez(path, image=digits[:1])

    (sample,) = predict_files(loaded, ["sample:0"])
    (found,) = predict_files(loaded, [str(path)])

    assert found.outputs[0] == pytest.approx(sample.outputs[0], abs=1e-6)
    assert (found.input, found.truth) == (str(path), None)


def test_an_array_of_many_samples_is_answered_for_each(
    loaded: LoadedRun, digits: npt.NDArray[np.uint8], tmp_path: Path
) -> None:
    np.save(tmp_path / "digits.npy", digits)

    found = predict_files(loaded, [str(tmp_path / "digits.npy"), "sample:2"])

    assert [prediction.sample for prediction in found] == [0, 1, 2, 0]
    assert found[2].outputs[0] == pytest.approx(found[3].outputs[0], abs=1e-5)


def test_a_picture_of_another_size_and_depth_is_brought_to_the_models(
    loaded: LoadedRun, digits: npt.NDArray[np.uint8], tmp_path: Path
) -> None:
    large = Image.fromarray(digits[0, 0]).resize((280, 280), Image.Resampling.NEAREST)
    deep = Image.fromarray(np.asarray(large).astype(np.uint16) * 257)
    large.save(tmp_path / "large.png")
    deep.save(tmp_path / "deep.png")

    first, second = predict_files(loaded, [str(tmp_path / f"{n}.png") for n in ("large", "deep")])

    assert first.outputs[0] == pytest.approx(second.outputs[0], abs=1e-5)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("words.png", b"no picture", "cannot be read"),
        ("words.npy", b"\x93NUMPY\x01\x00", "cannot be read"),
        ("words.npz", b"PK\x03\x04", "cannot be read"),
        ("empty.npy", b"", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_with_what_is_accepted(
    loaded: LoadedRun, tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(DataError) as caught:
        predict_files(loaded, [str(tmp_path / name)])

    assert why.lower() in caught.value.why.lower()
    assert caught.value.where.endswith(name)
    assert "sample:N" in caught.value.hint


def test_a_file_that_is_not_there_is_told_with_what_is_accepted(loaded: LoadedRun) -> None:
    with pytest.raises(UsageError, match="there is no such file") as caught:
        predict_files(loaded, ["gone.png"])

    assert caught.value.where == "gone.png" and "an image" in caught.value.hint


class Hostile:
    """An object whose pickle would run code."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (Path.touch, ("ran",))


@pytest.mark.parametrize("name", ["objects.npy", "objects.npz"])
def test_an_array_of_objects_is_refused_unread(
    loaded: LoadedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    objects = np.array([Hostile()], object)
    with Path(name).open("wb") as file:
        (np.save if name.endswith("npy") else np.savez)(file, objects, allow_pickle=True)

    with pytest.raises(DataError):
        predict_files(loaded, [name])

    assert not Path("ran").exists()


@pytest.mark.parametrize("shape", [(28, 27), (2, 28, 28, 3), (0,), ()])
def test_an_array_of_another_shape_is_told_with_both_shapes(
    loaded: LoadedRun, tmp_path: Path, shape: tuple[int, ...]
) -> None:
    np.save(tmp_path / "array.npy", np.zeros(shape))

    with pytest.raises(DataError, match="1×28×28"):
        predict_files(loaded, [str(tmp_path / "array.npy")])


@pytest.mark.parametrize("name", ["sample:10000", "sample:-1", "sample:x", "sample:²"])
def test_a_sample_that_is_not_there_is_told_with_the_range(loaded: LoadedRun, name: str) -> None:
    with pytest.raises(DataError, match="0 to 9999"):
        predict_files(loaded, [name])


def test_a_model_of_pixels_answers_with_the_area_of_each_class(tmp_path: Path) -> None:
    drawing = Drawing()
    fields = msgspec.to_builtins(open_data_set("cells").spec.fields)
    drawing.put("Data", "data", dataset="cells", fields=fields)
    drawing.put("Conv2d", "scores", "data.image", out_channels=3, kernel_size=3)
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.mask")
    run = load_run(save_run(tmp_path / "run", drawing.project("Cells")))
    picture = open_data_set("cells").read("image", np.array([3]))[0, 0]
    Image.fromarray(picture).save(tmp_path / "cell.png")

    (found,) = predict_files(run, [str(tmp_path / "cell.png")])

    called = np.array(found.outputs[0]).argmax(0)
    assert list(found.areas) == ["ground", "cell", "nucleus"]
    assert [round(share * called.size) for share in found.areas.values()] == np.bincount(
        called.reshape(-1), minlength=3
    ).tolist()


def test_a_picture_keeps_its_size_where_the_model_takes_any(tmp_path: Path) -> None:
    loaded = load_run(save_run(tmp_path / "run", what_reads_images_of_any_size()))
    pixels = np.random.default_rng(0).integers(0, 255, (12, 40), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "wide.png")
    with torch.inference_mode():
        expected = loaded.compiled.module(torch.from_numpy(pixels)[None, None] / 255)[0]

    (found,) = predict_files(loaded, [str(tmp_path / "wide.png")])

    assert found.outputs[0] == pytest.approx(expected.tolist(), abs=1e-5)


def test_a_picture_is_brought_to_the_nearest_multiples_that_the_model_takes(
    tmp_path: Path,
) -> None:
    inputs = [{"name": "image", "kind": "image", "shape": [1, 28, 28], "free": [0, 4, 4]}]
    Image.new("L", (41, 13)).save(tmp_path / "wide.png")
    Image.new("L", (1, 1)).save(tmp_path / "dot.png")

    sizes = [
        sample["image"].shape
        for name in ("wide.png", "dot.png")
        for sample in read_samples(str(tmp_path / name), inputs)
    ]

    assert sizes == [(1, 12, 40), (1, 4, 4)]


def test_each_output_is_answered_with_its_own_name_or_that_of_its_layer(tmp_path: Path) -> None:
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Flatten", "flatten", "data.image")
    for head in ("scores", "other"):
        drawing.put("Linear", head, "flatten", out_features=10)
        drawing.put("CrossEntropyLoss", f"loss_of_{head}", head, "data.label")
    other = drawing.graph.named("other")
    assert other is not None
    drawing.graph = name_output(drawing.graph, End(other.id, "y"), "second opinion")
    loaded = load_run(save_run(tmp_path / "run", drawing.project("Two outputs")))

    (found,) = predict_files(loaded, ["sample:0"])

    image = torch.from_numpy(open_data_set("digits").read("image", np.array([0]))).float() / 255
    weights = loaded.compiled.module.state_dict()
    assert len(found.names) == 2
    for name, head in (("scores", "scores"), ("second_opinion", "other")):
        judge = linear(image.flatten(), weights[f"{head}.weight"], weights[f"{head}.bias"])
        assert found.outputs[found.names.index(name)] == pytest.approx(judge.tolist(), abs=1e-5)


def test_sizes_that_the_model_has_no_answer_for_are_told(tmp_path: Path) -> None:
    drawing = Drawing()
    drawing.put("Data", "data")
    drawing.put("Conv2d", "conv", "data.image", out_channels=2, kernel_size=5, padding=0)
    drawing.put("GlobalAvgPool2d", "pool", "conv")
    drawing.put("Linear", "scores", "pool", out_features=10)
    drawing.put("CrossEntropyLoss", "loss", "scores", "data.label")
    loaded = load_run(save_run(tmp_path / "run", with_any_size(drawing.project("Any size"))))
    Image.new("L", (3, 3)).save(tmp_path / "dot.png")

    with pytest.raises(DataError, match="no answer for this size") as caught:
        predict_files(loaded, [str(tmp_path / "dot.png")])

    assert "image 1×3×3" in caught.value.why
