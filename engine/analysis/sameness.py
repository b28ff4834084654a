"""Whether a node is what it was: what an earlier analysis says of it then still holds."""

from engine.graph.elements import Formula, Node


def same_node(old: Node, new: Node) -> bool:
    """Whether all that the analysis looks at is the same in two nodes."""
    return (
        _same(old.params, new.params)
        and _same(old.repeat, new.repeat)
        and (old.kind, old.title, old.bypassed, old.frozen)
        == (new.kind, new.title, new.bypassed, new.frozen)
        and (old.definition, old.shares, old.share_weights)
        == (new.definition, new.shares, new.share_weights)
    )


def has_formula(node: Node) -> bool:
    """Whether anything of a node is computed from what is around it."""
    return any(isinstance(value, Formula) for value in (*node.params.values(), node.repeat))


def _same(old: object, new: object) -> bool:
    """Compare parameters; other than for Python, 1, 1.0 and true are three values for a layer."""
    if type(old) is not type(new):
        return False
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_same(old[key], new[key]) for key in old)
    if isinstance(old, list | tuple) and isinstance(new, list | tuple):
        return len(old) == len(new) and all(map(_same, old, new))
    return old == new
