"""The blocks, and layers of one's own, by the keys under which they are dragged.

Most lie in files, the rest is what the open drawing has of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.document import Document
from engine.graph.definitions import rename_definition
from engine.graph.elements import Graph
from engine.project.blocks import (
    Block,
    Blocks,
    drawn_blocks,
    load_blocks,
    ready_made_blocks,
    save_block,
)
from engine.project.layer_files import layers_folder, load_layers, rename_layer
from engine.project.layer_packages import installed_layers

_PREFIX = "block:"
_LAYER = f"{_PREFIX}layer/"
_DRAWN = f"{_PREFIX}drawn/"
_installed = Blocks()


def key_of(block: Block) -> str:
    """Return the key of a block: no kind of layer has one like it."""
    if block.is_drawn:
        return f"{_DRAWN}{'layer' if block.is_layer else 'composite'}/{block.use.definition}"
    if block.is_layer:
        return f"{_LAYER}{block.name}"
    return f"{_PREFIX}{'ready' if block.is_ready_made else 'own'}/{block.file.stem}"


def is_block(key: str) -> bool:
    """Say whether a key of the library is that of a block."""
    return key.startswith(_PREFIX)


def block_of(key: str, document: Document) -> Block | None:
    """Return the block with a key, as its file or the drawing is now; None where there is none."""
    if not key.startswith(_DRAWN):
        return _kept(key)
    return next((block for block in blocks_drawn(document) if key_of(block) == key), None)


def _kept(key: str) -> Block | None:
    """Return the block that lies in a file under a key."""
    if key.startswith(_LAYER):
        blocks = own_layers().blocks
    elif key.startswith(f"{_PREFIX}ready/"):
        blocks = ready_made_blocks()
    else:
        blocks = load_blocks().blocks
    return next((block for block in blocks if key_of(block) == key), None)


def blocks_drawn(document: Document) -> tuple[Block, ...]:
    """Return what the open drawing has of its own and may use once more on the level on show."""
    return drawn_blocks(document.project.graph, document.path)


def all_blocks(drawn: Sequence[Block] = ()) -> tuple[Block, ...]:
    """Return all blocks, one's own first, and the layers of one's own.

    Args:
        drawn: What the open drawing has of its own; it comes first, and what was kept of it and is
            the same is left out.
    """
    kept = (*load_blocks().blocks, *own_layers().blocks, *ready_made_blocks())
    return (*drawn, *unlike(drawn, kept))


def unlike(drawn: Iterable[Block], kept: Iterable[Block]) -> list[Block]:
    """Return the blocks of files that a drawing does not have just as they are."""
    known = [_made_of(block) for block in drawn]
    return [block for block in kept if _made_of(block) not in known]


def _made_of(block: Block) -> tuple[object, ...]:
    return block.name, block.code if block.is_layer else block.definitions


def own_layers() -> Blocks:
    """Return the layers of one's own that the library offers, and what is wrong with others.

    Those of installed packages are among them once :func:`read_installed` looked for them.
    """
    own = load_layers()
    known = {block.name for block in own.blocks}
    more = (block for block in _installed.blocks if block.name not in known)
    return Blocks((*own.blocks, *more), (*own.problems, *_installed.problems))


def may_change(key: str) -> bool:
    """Say whether what has a key lies among one's own files, to be renamed or deleted."""
    block = _kept(key) if not key.startswith(_DRAWN) else None
    if block is None or block.is_ready_made:
        return False
    return not block.is_layer or block.file.parent == layers_folder()


def read_installed() -> None:
    """Look through the installed packages for layers; takes longer than a frame."""
    global _installed
    _installed = installed_layers()


def rename_block(block: Block, name: str) -> Block:
    """Call a block or a layer of one's own something else; its file follows.

    Raises:
        CodeError: A layer cannot have that name.
        ProjectError: The file cannot be written.
    """
    if block.is_layer:
        return rename_layer(block, name)
    graph = Graph(nodes={block.use.id: block.use}, definitions=block.definitions, code=block.code)
    renamed = rename_definition(graph, block.use.definition, name)
    saved = save_block(renamed, block.use.id, block.file.parent)
    if saved.file != block.file:
        block.file.unlink(missing_ok=True)
    return saved
