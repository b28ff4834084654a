from html.parser import HTMLParser
from pathlib import Path

from builders import a_plain_network, a_project, a_residual_cnn, node_named
from msgspec.structs import replace

from engine.data.split_record import SplitRecord
from engine.graph.edits import set_frozen, set_learning, set_params
from engine.graph.elements import Graph
from engine.runs.marks import RunMarks, write_marks
from engine.runs.record import RunRecord
from engine.runs.report import write_report
from engine.runs.store import RunStore
from engine.training.config import TrainingConfig
from engine.training.events import EpochEnded, HealthNoted, RunStarted, StepEnded
from engine.training.insight import ClassFigures, Evaluated

EVIL = "<script>alert(1)</script>"


class Read(HTMLParser):
    """Reads a page as a browser does: its tags and its text."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.points: list[str] = []
        self.text = ""
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.points += [value for name, value in attrs if name == "points" and value]

    def handle_data(self, data: str) -> None:
        self.text += data + "\n"


def a_run(
    folder: Path,
    *,
    name: str = "Digits",
    losses: tuple[float, ...] = (0.9, 0.5),
    graph: Graph | None = None,
) -> Path:
    project = replace(a_project(graph or a_residual_cnn(), learning_rate=0.025), name=name)
    record = RunRecord.create(project, TrainingConfig(run_folder=str(folder)))
    store = RunStore(record.metrics_file)
    store.write(
        RunStarted(
            run=str(folder),
            project=name,
            device="cpu",
            threads=1,
            parameters=1,
            epochs=1,
            steps=len(losses),
            batch_size=1,
            training_samples=1,
            validation_samples=200,
            metric="accuracy",
        )
    )
    store.write(
        StepEnded(
            step=len(losses),
            epoch=1.0,
            losses=losses,
            learning_rate=0.025,
            steps_per_second=10.0,
            seconds_left=0.0,
        )
    )
    store.write(HealthNoted(code="rate", text=f"The rate is high {EVIL}", step=7))
    store.write(
        EpochEnded(
            epoch=1,
            step=len(losses),
            training_loss=0.5,
            validation_loss=0.375,
            validation_metric=0.875,
            seconds=75.0,
        )
    )
    cat = ClassFigures(name=f"cat {EVIL}", samples=31, precision=None, recall=0.5, f1=0.25)
    store.write(
        Evaluated(
            epoch=1,
            step=1,
            kind="classes",
            samples=200,
            loss=0.375,
            accuracy=0.875,
            is_best=True,
            classes=(cat,),
        )
    )
    store.close()
    return folder


def test_a_report_says_score_classes_notes_layers_and_recipe(tmp_path: Path) -> None:
    run = a_run(tmp_path / "run")
    write_marks(run, RunMarks(note="with more colour"))

    text = Read(write_report(run)).text

    for words in ("Digits", "87.5%", "0.375", "0:01:15", "cat", "The rate is high", "0.025"):
        assert words in text, words
    assert "with more colour" in text
    assert "Conv2d" in text and "Cross-entropy" in text


def test_a_report_says_how_each_layer_was_set_and_learned(tmp_path: Path) -> None:
    graph = a_plain_network()
    first, last = node_named(graph, "linear"), node_named(graph, "linear_2")
    graph = set_learning(set_learning(graph, [first], "rate_factor", 0.1), [first], "spread", 0.5)
    graph = set_learning(graph, [first], "initialiser", "kaiming_normal")
    graph = set_frozen(graph, [last], frozen=True)
    graph = set_params(graph, node_named(graph, "cross_entropy_loss"), {"label_smoothing": 0.2})
    run = a_run(tmp_path / "run", graph=graph)

    text = Read(write_report(run)).text

    assert "784 → 64 · ReLU · rate factor 0.1 · first weights kaiming_normal\n" in text
    assert "64 → 10 · frozen\n" in text
    assert "smoothing 0.2" in text


def test_a_report_says_what_was_learnt_from_and_what_was_left_out(tmp_path: Path) -> None:
    run = a_run(tmp_path / "run")
    split = SplitRecord(
        by="stratified",
        seed=7,
        counts=(105, 16, 0),
        digests=("ed68", "021b", "e3b0"),
        left_out=2,
        notes=(f"4 of 125 files were left out {EVIL}",),
    )
    RunRecord.open(run).change(split=split)

    text = Read(write_report(run)).text

    assert f"At random, the same share of each class · seed 7 · hash {split.digest}" in text
    assert "105 samples · hash ed68" in text and "e3b0" not in text
    assert f"4 of 125 files were left out {EVIL}" in text and "Left out by hand" in text


def test_nothing_that_a_project_names_runs_in_its_report(tmp_path: Path) -> None:
    run = a_run(tmp_path / "run", name=EVIL)

    read = Read(write_report(run, b'<svg onload="alert(1)"><script/></svg>'))

    assert "script" not in read.tags
    assert EVIL in read.text
    assert "img" in read.tags


def test_a_curve_stays_within_its_frame_however_many_steps_it_has(tmp_path: Path) -> None:
    many = tuple(1000 / (1 + step) for step in range(20_000))

    for losses in (many, (0.5,), (float("nan"), 2.0, float("inf")), (3.0, 3.0)):
        run = a_run(tmp_path / str(len(losses)), losses=losses)
        lines = Read(write_report(run)).points
        assert lines
        for line in lines:
            places = [tuple(map(float, place.split(","))) for place in line.split()]
            assert len(places) <= 1000
            assert all(0 <= x <= 640 and 0 <= y <= 220 for x, y in places)


def test_a_run_that_ended_before_its_first_step_has_a_report(tmp_path: Path) -> None:
    project = replace(a_project(), name="Early")
    RunRecord.create(project, TrainingConfig(run_folder=str(tmp_path)))

    text = Read(write_report(tmp_path)).text

    assert "Early" in text and "It trains at this moment" in text


def test_a_recipe_says_what_steers_and_leaves_out_what_does_nothing(tmp_path: Path) -> None:
    text = Read(write_report(a_run(tmp_path / "plain"))).text
    clipped = replace(a_project(gradient_clip=0.5, accumulation=4), name="Clipped")
    RunRecord.create(clipped, TrainingConfig(run_folder=str(tmp_path / "clipped")))
    other = Read(write_report(tmp_path / "clipped")).text

    for idle in ("Clip gradients at", "Warm up for", "Stop early after", "Average weights"):
        assert idle not in text, idle
    assert "Batches per step" not in text and "Compile" not in text
    assert "Learning rate" in text and "Seed" in text
    assert "Clip gradients at" in other and "Batches per step" in other
