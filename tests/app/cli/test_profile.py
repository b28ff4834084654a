import json

import pytest

from app.__main__ import main

Captured = pytest.CaptureFixture[str]


def test_a_profile_names_every_layer_with_its_time_and_memory(capsys: Captured) -> None:
    assert main(["profile", "two-moons", "--json"]) == 0

    found = json.loads(capsys.readouterr().out)
    assert [layer["name"] for layer in found["layers"]] == [
        "linear",
        "linear_2",
        "linear_3",
        "cross_entropy_loss",
    ]
    times = [each["forward_seconds"] + each["backward_seconds"] for each in found["layers"]]
    assert found["step_seconds"] == pytest.approx(sum(times))
    assert 0 < found["kept_bytes"] < found["forecast_bytes"]


def test_a_profile_for_people_is_a_table_with_sums(capsys: Captured) -> None:
    assert main(["profile", "two-moons"]) == 0

    printed = capsys.readouterr().out
    assert "linear_2" in printed and "in all" in printed and "100.0" in printed
