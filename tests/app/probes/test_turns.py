from app.probes.turns import Turns


def test_each_layer_on_screen_has_its_turn_and_none_is_asked_twice_for_a_moment() -> None:
    turns, nodes = Turns(), ("a", "b", "c")
    turns.see((1, 0, ""), "a")

    assert [turns.next(nodes) for _ in range(3)] == ["b", "c", "a"]
    assert not turns.is_behind(nodes)

    turns.see((2, 0, ""), "b")
    assert turns.is_behind(nodes)
    assert {turns.next(nodes), turns.next(nodes)} == {"a", "c"}


def test_while_a_run_goes_on_no_layer_starves() -> None:
    turns, nodes = Turns(), ("a", "b", "c")
    asked = []
    for step in range(9):
        asked.append(turns.next(nodes))
        turns.see((step + 1, 0, ""), asked[-1])

    assert {node: asked.count(node) for node in nodes} == {"a": 3, "b": 3, "c": 3}
