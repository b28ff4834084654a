"""A person's own layers as files: each a text in their folder, to be used in any project."""

from pathlib import Path
from typing import Final

import platformdirs

from engine.atomic import write_atomically
from engine.graph.elements import Node, NodeId
from engine.graph.names import identifier
from engine.project.blocks import Block, Blocks
from nodes.errors import CodeError, LoomError, ProjectError
from nodes.own_code import LARGEST_TEXT, read_code, with_name
from nodes.own_layer import OWN_LAYER

SUFFIX: Final = ".py"

STARTING_TEXT: Final = '''import torch
from torch import Tensor, nn


class MyLayer(nn.Module):
    """Weighs each channel by a number that is learned.

    Args:
        start: What every weight begins at.
    """

    def __init__(self, in_channels: int, start: float = 1.0) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.full((in_channels,), start))

    def forward(self, x: Tensor) -> Tensor:
        shape = (1, -1) + (1,) * (x.dim() - 2)  # (N, C, …): one weight for each of the C
        return x * self.weight.reshape(shape)
'''
"""What a new layer begins as: with a property, weights, and a size that follows from its input."""

_FIRST_NAME: Final = "MyLayer"


def layers_folder() -> Path:
    """Return where a person's own layers lie."""
    return platformdirs.user_data_path("layerloom", appauthor=False) / "layers"


def load_layers(folder: Path | None = None) -> Blocks:
    """Read a person's own layers, by name; files that hold none are told, not raised.

    Args:
        folder: Where they lie; where they always do if None.
    """
    layers: list[Block] = []
    problems: list[LoomError] = []
    place = folder or layers_folder()
    for file in sorted(place.glob(f"*{SUFFIX}")) if place.is_dir() else ():
        if file.name.startswith("_"):
            continue
        try:
            layers.append(layer_block(_text_of(file), file))
        except LoomError as error:
            problems.append(error)
    return Blocks(tuple(sorted(layers, key=lambda one: one.name.casefold())), tuple(problems))


def layer_block(text: str, file: Path) -> Block:
    """Return a layer as what the library offers.

    Raises:
        CodeError: The text is no layer.
    """
    try:
        code = read_code(text)
    except CodeError as error:
        raise _in_file(file, error) from error
    use = Node(id=NodeId("layer"), kind=OWN_LAYER, name=identifier(code.name), definition=code.name)
    return Block(use=use, definitions={}, code={code.name: text}, file=file)


def new_layer(taken: frozenset[str]) -> Block:
    """Return the layer that a new one begins as, under a name that is free."""
    name, number = _FIRST_NAME, 2
    while name in taken:
        name, number = f"{_FIRST_NAME}{number}", number + 1
    return layer_block(with_name(STARTING_TEXT, _FIRST_NAME, name), Path(f"{name}{SUFFIX}"))


def save_layer(text: str, folder: Path | None = None) -> Path:
    """Keep a layer in the folder, in the place of one of the same name.

    Raises:
        CodeError: The text is no layer.
        ProjectError: The file cannot be written.
    """
    name = read_code(text).name
    place = folder or layers_folder()
    file = place / f"{name}{SUFFIX}"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ProjectError(
            "The folder of layers cannot be made",
            why=f"{error.strerror or error}.",
            where=str(place),
            hint="Free the place, or change its permissions.",
        ) from error
    write_atomically(file, text.encode("utf-8", "surrogatepass"))
    return file


def rename_layer(block: Block, name: str) -> Block:
    """Call a layer of the folder something else: in its code, and its file follows.

    Raises:
        CodeError: A class cannot have that name.
        ProjectError: The file cannot be written.
    """
    text = with_name(block.code[block.name], block.name, name)
    renamed = layer_block(text, block.file)
    if renamed.name != name:
        raise CodeError(
            f"A layer cannot be called {name[:40]!r}",
            line=1,
            why="Its name is that of a class in Python: letters, digits and _.",
            hint="Give it another name.",
        )
    file = save_layer(text, block.file.parent)
    if file != block.file:
        block.file.unlink(missing_ok=True)
    return layer_block(text, file)


def _in_file(file: Path, error: CodeError) -> CodeError:
    """Return an error that names the file as well."""
    told = CodeError(error.title, line=error.line, why=error.why, hint=error.hint)
    told.where = f"{file}, line {error.line}"
    return told


def _text_of(file: Path) -> str:
    try:
        if file.stat().st_size > LARGEST_TEXT * 4:
            too_long = CodeError("The code is too long", line=1, hint="Move it elsewhere.")
            raise _in_file(file, too_long)
        return file.read_text(encoding="utf-8")
    except OSError as error:
        raise ProjectError(
            f"{file.name} cannot be read",
            why=f"{error.strerror or error}.",
            where=str(file),
            hint="Change its permissions.",
        ) from error
    except UnicodeDecodeError as error:
        no_text = CodeError(
            "This is no text", line=1, why="Python files are UTF-8.", hint="Save it anew."
        )
        raise _in_file(file, no_text) from error
