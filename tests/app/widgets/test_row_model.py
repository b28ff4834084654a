"""Rows in rows, judged by Qt's own tester of models."""

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication

from app.widgets.row_model import Row, RowModel

_NAME = Qt.ItemDataRole.DisplayRole


def _texts(model: RowModel, parent: QModelIndex | None = None) -> list[object]:
    """Return what a view would read, as nested lists."""
    around = QModelIndex() if parent is None else parent
    found: list[object] = []
    for place in range(model.rowCount(around)):
        index = model.index(place, 0, around)
        assert model.parent(index) == around
        found.append((index.data(_NAME), _texts(model, index)))
    return found


def _kept(rows: list[Row]) -> list[object]:
    return [(row.text, _kept(row.rows)) for row in rows]


@given(st.lists(st.tuples(st.sampled_from(["add", "inside", "cut", "clear"]), st.integers(0, 5))))
def test_views_see_the_rows_whatever_comes_and_goes(
    qapp: QApplication, acts: list[tuple[str, int]]
) -> None:
    model = RowModel()
    tester = QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    for act, number in acts:
        chosen = model.tops[number % len(model.tops)] if model.tops else model.root
        match act:
            case "add":
                model.root.append(Row(f"top {number}"))
            case "inside":
                inner = Row(f"in {number}")
                inner.extend([Row("first"), Row("second")])
                chosen.extend([inner, Row("beside")])
            case "cut":
                chosen.remove(number)
            case _:
                model.clear_rows()

    assert _texts(model) == _kept(list(model.tops))
    del tester


def test_a_change_is_told_once_and_only_where_something_is_other(qapp: QApplication) -> None:
    model = RowModel()
    row = Row("before")
    model.root.append(row)
    told: list[str] = []
    model.dataChanged.connect(lambda first, _last, _roles: told.append(first.data(_NAME)))

    row.tell("after", _NAME)
    row.tell("after", _NAME)

    assert told == ["after"]


def test_an_index_of_a_row_that_is_gone_leads_nowhere(qapp: QApplication) -> None:
    model = RowModel()
    model.root.append(Row("gone"))
    index = model.index(0, 0)

    model.clear_rows()

    assert model.data(index, _NAME) is None
