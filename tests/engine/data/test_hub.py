"""Data sets fetched by name, from a hub that answers on this machine as the real one does."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hub_server import NAME, SHARD, Hub, a_hub

from engine.data.fetched import fetched_from
from engine.data.hub import ENDPOINT, HubSet, fetch, folder_of, look_up, parts_of, size_of
from engine.data.inspect import inspect_path
from engine.data.opening import open_data
from engine.data.progress import CancelledError, listening
from nodes.errors import DataError, UsageError
from nodes.io import Data


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Hub]]:
    with a_hub(tmp_path) as (running, environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield running


@pytest.mark.parametrize("name", [NAME, f"https://huggingface.co/datasets/{NAME}"])
def test_what_the_hub_says_of_a_data_set_is_told(hub: type[Hub], name: str) -> None:
    found = look_up(name)

    assert (found.name, found.licence, found.revision) == (NAME, "mit, cc0-1.0", "1a2b")
    assert parts_of(found, "default") == {"train": 1, "test": 1}
    shards = [content for path, content in hub.answers.items() if path.endswith("0.parquet")]
    assert size_of(found, "default") == sum(map(len, shards))


def test_what_was_fetched_opens_with_its_parts_its_classes_and_its_licence(
    hub: type[Hub],
) -> None:
    found = inspect_path(fetch(look_up(NAME), "default"))

    assert found.source is not None and found.usable
    assert found.classes == (("bad", 25), ("good", 25))
    assert ("Licence", "mit, cc0-1.0") in found.facts
    data = open_data(Data(dataset=found.name, source=found.source, split_by=found.split_by))
    assert data.sides["part"].tolist() == [0] * 40 + [2] * 10
    assert NAME in data.spec.notice and "mit" in data.spec.notice


def test_what_is_here_is_not_fetched_again_until_it_changes(hub: type[Hub]) -> None:
    fetch(look_up(NAME), "default")
    hub.asked.clear()

    fetch(look_up(NAME), "default")
    again = [one for one in hub.asked if one.startswith("GET") and one.endswith("0.parquet")]
    hub.answers[f"/api/datasets/{NAME}"] = b'{"sha": "3c4d"}'
    fetch(look_up(NAME), "default")

    assert again == []
    assert len([one for one in hub.asked if one.endswith("0.parquet") and "GET" in one]) == 2


def test_a_fetch_that_is_called_off_leaves_nothing_half(hub: type[Hub]) -> None:
    def call_off(done: int, total: int) -> None:
        if done:
            raise CancelledError("Called off")

    found = look_up(NAME)
    with listening(call_off), pytest.raises(CancelledError):
        fetch(found, "default")

    folder = folder_of(found, "default")
    assert [path.name for path in folder.iterdir() if path.suffix != ".json"] == []
    assert fetch(found, "default") == folder and inspect_path(folder).samples == 50


@pytest.mark.parametrize("cut", [-10, 3])
def test_a_file_that_does_not_come_whole_is_refused(hub: type[Hub], cut: int) -> None:
    path = f"/api/datasets/{NAME}" + SHARD.format("test")
    hub.answers[path] = hub.answers[path][:cut]

    with pytest.raises(DataError, match="does not give"):
        fetch(look_up(NAME), "default")


def test_a_data_set_that_is_not_there_says_so(hub: type[Hub]) -> None:
    with pytest.raises(DataError, match="does not give") as caught:
        look_up("nobody/nothing")

    assert "There is no such data set" in caught.value.why


@pytest.mark.parametrize("name", ["", "a/b/c", "../secret", "a b", "file:///etc/passwd"])
def test_a_name_that_none_can_have_is_refused_before_anybody_is_asked(
    hub: type[Hub], name: str
) -> None:
    with pytest.raises(UsageError):
        look_up(name)

    assert hub.asked == []


def test_a_hub_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:1")

    with pytest.raises(DataError, match="cannot be reached"):
        look_up(NAME)


@pytest.mark.parametrize("subset", ["..", "../../x", "/etc", "."])
def test_no_name_of_the_hub_leads_out_of_its_folder(subset: str) -> None:
    found = HubSet(name=NAME, subsets={subset: {"../train": 1}})

    folder = folder_of(found, subset)

    assert folder.resolve().parent == folder_of(found, "x").resolve().parent


def test_what_is_no_folder_of_the_hub_was_not_fetched(tmp_path: Path) -> None:
    (tmp_path / "about.json").write_text('{"version": 3}')

    assert fetched_from(tmp_path) is None
