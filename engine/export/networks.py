"""Which networks of a drawing can be taken away by themselves; without torch."""

from engine.project.project import Project


def networks(project: Project) -> tuple[str, ...]:
    """Return the names of the composites on the canvas that stand there once, not in a row.

    Of those that share weights it is the one that owns them.
    """
    return tuple(
        node.name
        for node in project.graph.nodes.values()
        if node.kind == "Composite" and node.repeat == 1 and node.shares is None
    )
