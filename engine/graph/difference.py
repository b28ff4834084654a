"""The difference between two graphs: what was added, removed and changed.

The canvas redraws by it, shape inference starts from it, runs are compared with it, and weights
are carried over by it.
"""

from collections.abc import Mapping

import msgspec

from engine.graph.elements import Definition, Frame, Graph, Link, NodeId


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What one graph has that another has not."""

    added: tuple[NodeId, ...] = ()
    removed: tuple[NodeId, ...] = ()
    changed: tuple[NodeId, ...] = ()
    """Nodes in which anything but the place differs."""

    moved: tuple[NodeId, ...] = ()
    """Nodes that stand elsewhere; they may be among ``changed`` as well."""

    links_added: tuple[Link, ...] = ()
    links_removed: tuple[Link, ...] = ()
    links_reordered: bool = False
    """The same wires in another order: matters where a list input is fed."""

    frames: bool = False
    bends: bool = False
    flow: bool = False
    """The drawing runs another way."""

    definitions: tuple[str, ...] = ()
    """Those that were added, removed or changed."""

    code: bool = False
    """The code of layers of one's own."""

    inside: Mapping[str, "Difference"] = {}
    """What differs inside of each definition that both have."""

    @property
    def is_empty(self) -> bool:
        """Whether the two graphs are the same."""
        return self == NOTHING

    @property
    def concerns_model(self) -> bool:
        """Whether what is computed may differ, not only how it is drawn."""
        return bool(
            self.added
            or self.removed
            or self.changed
            or self.links_added
            or self.links_removed
            or self.links_reordered
            or self.definitions
            or self.code
        )


NOTHING = Difference()


def difference(before: Graph, after: Graph) -> Difference:
    """Compare two graphs; parts that are the same object are not looked into."""
    if before is after:
        return NOTHING
    changed, moved = _node_changes(before, after)
    definitions = _changed_definitions(before, after)
    links_added, links_removed, reordered = _link_changes(before, after)
    return Difference(
        added=tuple(node for node in after.nodes if node not in before.nodes),
        removed=tuple(node for node in before.nodes if node not in after.nodes),
        changed=changed,
        moved=moved,
        links_added=links_added,
        links_removed=links_removed,
        links_reordered=reordered,
        frames=_frames_differ(before.frames, after.frames),
        bends=before.bends is not after.bends and before.bends != after.bends,
        flow=before.flow != after.flow,
        definitions=definitions,
        code=before.code is not after.code and before.code != after.code,
        inside={
            key: difference(before.definitions[key].graph, after.definitions[key].graph)
            for key in definitions
            if key in before.definitions and key in after.definitions
        },
    )


def _changed_definitions(before: Graph, after: Graph) -> tuple[str, ...]:
    old, new = before.definitions, after.definitions
    if old is new:
        return ()
    keys = sorted(old.keys() | new.keys())
    return tuple(key for key in keys if _differ(old.get(key), new.get(key)))


def _differ(old: Definition | None, new: Definition | None) -> bool:
    return old is not new and old != new


def _node_changes(before: Graph, after: Graph) -> tuple[tuple[NodeId, ...], tuple[NodeId, ...]]:
    changed: list[NodeId] = []
    moved: list[NodeId] = []
    if before.nodes is after.nodes:
        return (), ()
    for node_id, node in after.nodes.items():
        old = before.nodes.get(node_id)
        if old is None or old is node or old == node:
            continue
        if old.position != node.position:
            moved.append(node_id)
        if msgspec.structs.replace(old, position=node.position) != node:
            changed.append(node_id)
    return tuple(changed), tuple(moved)


def _link_changes(before: Graph, after: Graph) -> tuple[tuple[Link, ...], tuple[Link, ...], bool]:
    if before.links is after.links:
        return (), (), False
    old, new = set(before.links), set(after.links)
    added = tuple(link for link in after.links if link not in old)
    removed = tuple(link for link in before.links if link not in new)
    kept_before = [link for link in before.links if link in new]
    kept_after = [link for link in after.links if link in old]
    return added, removed, kept_before != kept_after


def _frames_differ(before: tuple[Frame, ...], after: tuple[Frame, ...]) -> bool:
    return before is not after and before != after
