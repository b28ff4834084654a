"""The blocks that people find in the library, by the keys under which they are dragged."""

from __future__ import annotations

from engine.graph.definitions import rename_definition
from engine.graph.elements import Graph
from engine.project.blocks import Block, load_blocks, ready_made_blocks, save_block

_PREFIX = "block:"


def key_of(block: Block) -> str:
    """Return the key of a block: no kind of layer has one like it."""
    return f"{_PREFIX}{'ready' if block.is_ready_made else 'own'}/{block.file.stem}"


def is_block(key: str) -> bool:
    """Say whether a key of the library is that of a block."""
    return key.startswith(_PREFIX)


def block_of(key: str) -> Block | None:
    """Return the block with a key, as its file is now; None where there is none."""
    ready = key.startswith(f"{_PREFIX}ready/")
    blocks = ready_made_blocks() if ready else load_blocks().blocks
    return next((block for block in blocks if key_of(block) == key), None)


def rename_block(block: Block, name: str) -> Block:
    """Call a block of one's own something else; its file follows.

    Raises:
        ProjectError: The file cannot be written.
    """
    graph = Graph(nodes={block.use.id: block.use}, definitions=block.definitions, code=block.code)
    renamed = rename_definition(graph, block.use.definition, name)
    saved = save_block(renamed, block.use.id, block.file.parent)
    if saved.file != block.file:
        block.file.unlink(missing_ok=True)
    return saved
