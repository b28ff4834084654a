from pathlib import Path

import pytest
from msgspec.structs import replace
from own_texts import HALVED, SCALED, hostile, with_own_layer

from engine.analysis.own_layers import settled
from engine.compile.module import compile_plan, compile_project
from engine.compile.plan import project_plan
from engine.graph.fragments import paste_fragment, to_fragment
from engine.own_layers.running import find_here
from engine.own_layers.trust import (
    distrust,
    forget_trust,
    is_trusted,
    trust,
    trust_file,
    trusted_count,
    untrusted_code,
)
from engine.project.codec import from_text, to_text
from nodes.errors import LoomError, TrustError


def test_nothing_is_trusted_until_somebody_says_so() -> None:
    assert not is_trusted(SCALED)

    trust([SCALED])

    assert is_trusted(SCALED)
    assert not is_trusted(SCALED + " "), "changed code is other code"


def test_trust_is_kept_in_the_settings_and_nothing_of_it_in_the_project() -> None:
    trust([SCALED, SCALED])
    project, _ = with_own_layer(SCALED, "Scaled")

    kept = trust_file().read_text().split()

    assert len(kept) == 1
    assert kept[0] not in to_text(project)


def test_trust_is_taken_back_for_one_text_or_for_all() -> None:
    trust([SCALED, HALVED])
    assert trusted_count() == 2

    distrust([SCALED])
    assert (is_trusted(SCALED), is_trusted(HALVED)) == (False, True)

    forget_trust()
    assert not is_trusted(HALVED) and trusted_count() == 0
    assert [file.name for file in trust_file().parent.iterdir()] == [trust_file().name]


def test_settings_that_are_damaged_trust_nothing() -> None:
    trust([SCALED])
    trust_file().write_bytes(b"\xff\xfe\x00")

    assert not is_trusted(SCALED)


def test_only_code_that_the_drawing_uses_is_asked_about() -> None:
    project, _ = with_own_layer(SCALED, "Scaled")
    graph = replace(project.graph, code={**project.graph.code, "halved": HALVED})

    assert untrusted_code(graph) == {"Scaled": SCALED}


def test_code_that_is_not_trusted_is_run_by_nobody(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    project, node = with_own_layer(hostile(mark), "Harmless")

    again = from_text(to_text(project)).project
    report = settled(again.graph, find_here)
    pasted, _ = paste_fragment(again.graph, to_fragment(again.graph, [node]), (0.0, 0.0))
    settled(pasted, find_here)
    with pytest.raises(TrustError):
        compile_project(again)
    with pytest.raises(LoomError, match="was not run"):
        project_plan(again, find_here)

    assert not mark.exists()
    assert [(one.code, one.node) for one in report.errors] == [("LL-T001", node)]


def test_a_plan_made_while_it_was_trusted_is_not_run_once_it_is_not(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    text = hostile(mark)
    trust([text])
    plan = project_plan(with_own_layer(text, "Harmless")[0], find_here)
    mark.unlink()
    trust_file().unlink()

    with pytest.raises(TrustError):
        compile_plan(plan)

    assert not mark.exists()


def test_trusted_code_runs(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    text = hostile(mark, "Trusted")
    trust([text])

    compile_project(with_own_layer(text, "Trusted")[0])

    assert mark.read_text() == "it ran"
