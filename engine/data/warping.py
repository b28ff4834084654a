"""Moving pictures: any chain of turns, shifts and scalings as one change of coordinates.

A matrix takes a place of the picture that comes out to the place that it comes from. Places are
pixels from the middle, right and down.
"""

from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

from nodes.augmentation import Edge

_PADDING: Final = {"zero": "zeros", "repeat": "border", "mirror": "reflection"}


def rotations(degrees: Tensor) -> Tensor:
    """Return the matrices that turn pictures clockwise.

    Shapes:
        degrees: (N,)
        out: (N, 3, 3)
    """
    angles = torch.deg2rad(degrees)
    matrices = _identities(degrees)
    matrices[:, 0, 0] = matrices[:, 1, 1] = angles.cos()
    matrices[:, 0, 1], matrices[:, 1, 0] = angles.sin(), -angles.sin()
    return matrices


def scalings(factors: Tensor) -> Tensor:
    """Return the matrices that make pictures so many times as large.

    Shapes:
        factors: (N,)
        out: (N, 3, 3)
    """
    matrices = _identities(factors)
    matrices[:, 0, 0] = matrices[:, 1, 1] = 1 / factors
    return matrices


def shifts(right: Tensor, down: Tensor) -> Tensor:
    """Return the matrices that move pictures by so many pixels.

    Shapes:
        right, down: (N,)
        out: (N, 3, 3)
    """
    matrices = _identities(right)
    matrices[:, 0, 2], matrices[:, 1, 2] = -right, -down
    return matrices


def warped(pictures: Tensor, matrices: Tensor, edge: Edge, *, is_mask: bool) -> Tensor:
    """Return pictures with their pixels fetched from elsewhere; classes of a mask are not blended.

    Shapes:
        pictures: (N, ..., H, W)
        matrices: (N, 3, 3)
        out: (N, ..., H, W)
    """
    height, width = pictures.shape[-2:]
    flat = pictures.reshape(len(pictures), -1, height, width).float()
    half = matrices.new_tensor([width / 2, height / 2, 1])
    # From pixels to the −1 … 1 of affine_grid, and back.
    theta = (matrices * half / half[:, None])[:, :2]
    grid = functional.affine_grid(theta, list(flat.shape), align_corners=False)
    moved = functional.grid_sample(
        flat,
        grid,
        mode="nearest" if is_mask else "bilinear",
        padding_mode=_PADDING[edge],
        align_corners=False,
    )
    return moved.reshape(pictures.shape).to(pictures.dtype)


def _identities(like: Tensor) -> Tensor:
    return torch.eye(3, device=like.device).repeat(len(like), 1, 1)
