"""Changing the batches of a training as the steps of a data node say.

What is drawn depends on the seed, the epoch and the place in the epoch alone, so that a run that
goes on, or is trained again, meets the same pictures bit by bit.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import torch
from torch import Tensor

from engine.data import disturbing, warping
from engine.data.loading import Batch
from engine.data.preparation import Standard
from engine.data.spec import DataSpec
from nodes.augmentation import (
    Augmentation,
    Colour,
    Crop,
    CutMix,
    Cutout,
    Edge,
    Flip,
    Gain,
    Masking,
    MixUp,
    Noise,
    Rotate,
    Scale,
    Shift,
    TimeShift,
)
from nodes.errors import DataError
from nodes.io import DataField

_MOVES: Final = (Rotate, Scale, Shift, Crop)
_MIXING: Final = (MixUp, CutMix)


def in_order(steps: Sequence[Augmentation]) -> tuple[Augmentation, ...]:
    """Return steps in the order in which they are carried out: samples are mixed last."""
    return tuple(sorted(steps, key=lambda step: isinstance(step, _MIXING)))


class MixedBatch(dict[str, Tensor]):
    """Samples of which each holds a part of another one.

    Args:
        other: The same samples with the answers of the other parts.
        share: What the loss counts of the batch itself; the rest counts with ``other``.
    """

    def __init__(self, batch: Batch, other: Batch, share: float) -> None:
        super().__init__(batch)
        self.other = other
        self.share = share


class Augmenter:
    """Carries out steps on batches.

    Args:
        inputs: The fields that the model takes.
        targets: The fields that its losses compare with.
        seed: Of the run.

    Raises:
        DataError: A step cannot be done with these fields.
    """

    def __init__(
        self,
        steps: Sequence[Augmentation],
        spec: DataSpec,
        inputs: Sequence[str],
        targets: Sequence[str],
        seed: int,
    ) -> None:
        self._steps = [step for step in steps if not isinstance(step, _MIXING)]
        self._mixing = [step for step in steps if isinstance(step, _MIXING)]
        self._seed = seed
        fields = {field.name: field for field in spec.fields}
        self._inputs = [fields[name] for name in inputs]
        self._targets = [fields[name] for name in targets if name not in inputs]
        self._moved = _moved(self._inputs, self._targets)
        self._zeros = {field.name: _zero(spec, field) for field in self._targets}
        self._refuse_what_cannot_be_mixed()

    @property
    def changes(self) -> bool:
        """Whether there is any step."""
        return bool(self._steps or self._mixing)

    def batches(self, batches: Iterator[Batch], *, epoch: int, seen: int) -> Iterator[Batch]:
        """Yield batches with their samples changed.

        Args:
            epoch: The epoch that they belong to.
            seen: Samples of the epoch that came before them.
        """
        for batch in batches:
            yield self.augmented(batch, epoch=epoch, seen=seen) if self.changes else batch
            seen += len(next(iter(batch.values())))

    def augmented(self, batch: Batch, *, epoch: int, seen: int) -> Batch:
        """Return one batch with its samples changed; the batch itself is left as it is."""
        first = next(iter(batch.values()))
        draws = _Draws([self._seed, epoch, seen], len(first), first.device)
        changed = dict(batch)
        moves = _Moves(self._moved, changed)
        for step in self._steps:
            if isinstance(step, _MOVES):
                moves.add(step, draws)
                continue
            moves.carry_out()
            if isinstance(step, Flip):
                self._flip(step, changed, draws)
            else:
                self._disturb(step, changed, draws)
        moves.carry_out()
        return self._mixed(changed, draws)

    def _flip(self, step: Flip, batch: dict[str, Tensor], draws: "_Draws") -> None:
        hit = draws.hits(step.chance)
        for field in self._moved:
            flipped = batch[field.name].flip(-2 if step.vertical else -1)
            batch[field.name] = _where(hit, flipped, batch[field.name])
        if step.negates:
            for name, zero in self._zeros.items():
                if zero is not None:
                    batch[name] = _where(hit, 2 * zero - batch[name], batch[name])

    def _disturb(self, step: Augmentation, batch: dict[str, Tensor], draws: "_Draws") -> None:
        for field in self._inputs:
            if field.kind in step.info.kinds and field.dtype == "float":
                before = batch[field.name]
                after = _disturbed(step, field, before, draws)
                batch[field.name] = _where(draws.hits(step.chance), after, before)

    def _mixed(self, batch: dict[str, Tensor], draws: "_Draws") -> Batch:
        """Put a part of another sample into each, once everything else is done."""
        for step in self._mixing:
            if draws.numbers.random() < step.chance:
                return self._mix(step, batch, draws)
        return batch

    def _mix(self, step: MixUp | CutMix, batch: dict[str, Tensor], draws: "_Draws") -> MixedBatch:
        share = float(draws.numbers.beta(step.alpha, step.alpha))
        # The sample itself is the greater part, so that its own answer counts as the right one.
        share = max(share, 1 - share)
        partners = draws.partners()
        answers = {field.name: batch[field.name][partners] for field in self._targets}
        if isinstance(step, MixUp):
            blended = {
                field.name: batch[field.name].lerp(batch[field.name][partners], 1 - share)
                for field in self._inputs
            }
            return MixedBatch({**batch, **blended}, {**batch, **answers, **blended}, share)
        pasted, share = self._pasted(batch, partners, share, draws)
        return MixedBatch({**batch, **pasted}, {**batch, **answers, **pasted}, share)

    def _pasted(
        self, batch: Batch, partners: Tensor, share: float, draws: "_Draws"
    ) -> tuple[Batch, float]:
        """Put one rectangle of the partners into all pictures and masks.

        Returns:
            What is pasted, and the share of each picture that is still its own.
        """
        height, width = self._moved[0].sizes[-2:]
        side = (1 - share) ** 0.5
        tall, wide = round(height * side), round(width * side)
        top = int(draws.numbers.integers(0, height - tall + 1))
        left = int(draws.numbers.integers(0, width - wide + 1))
        place = (..., slice(top, top + tall), slice(left, left + wide))
        pasted = {field.name: batch[field.name].clone() for field in self._moved}
        for name, picture in pasted.items():
            picture[place] = batch[name][partners][place]
        return pasted, 1 - tall * wide / (height * width)

    def _refuse_what_cannot_be_mixed(self) -> None:
        for step in self._mixing:
            whole = [field.name for field in self._inputs if field.dtype != "float"]
            if whole:
                raise DataError(
                    f"{step.info.title} cannot blend {whole[0]}",
                    why="Words and categories are numbers that stand for something else.",
                    where="Augmentation",
                    hint=f"Remove {step.info.title} from the steps.",
                )
            if isinstance(step, CutMix) and not self._moved:
                raise DataError(
                    "CutMix needs a picture",
                    why="The model takes none.",
                    where="Augmentation",
                    hint="Remove CutMix from the steps.",
                )


class _Draws:
    """Random numbers for one batch."""

    def __init__(self, key: list[int], count: int, device: torch.device) -> None:
        sequence = np.random.SeedSequence(key)
        self.numbers = np.random.Generator(np.random.Philox(sequence))
        seed = int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))
        self._generator = torch.Generator(device).manual_seed(seed)
        self._count = count
        self._device = device

    def uniform(self, low: float, high: float) -> Tensor:
        """Return a number for each sample."""
        drawn = torch.rand(self._count, generator=self._generator, device=self._device)
        return low + drawn * (high - low)

    def hits(self, chance: float) -> Tensor:
        """Say for each sample whether it is changed."""
        return self.uniform(0, 1) < chance

    def normal(self, like: Tensor) -> Tensor:
        """Return noise of the shape of a tensor."""
        return torch.randn(like.shape, generator=self._generator, device=self._device)

    def partners(self) -> Tensor:
        """Return another sample for each."""
        return torch.from_numpy(self.numbers.permutation(self._count)).to(self._device)


class _Moves:
    """Moves that follow each other, carried out together: each would blur the picture anew."""

    def __init__(self, fields: Sequence[DataField], batch: dict[str, Tensor]) -> None:
        self._fields = fields
        self._batch = batch
        self._matrices: Tensor | None = None
        self._hit: Tensor | None = None
        self._edge: Edge = "zero"

    def add(self, step: Rotate | Scale | Shift | Crop, draws: _Draws) -> None:
        if not self._fields:
            return
        if self._matrices is not None and step.edge != self._edge:
            self.carry_out()
        self._edge = step.edge
        hit = draws.hits(step.chance)
        matrices = _matrices(step, self._fields[0], draws)
        still = torch.eye(3, device=matrices.device).expand_as(matrices)
        matrices = _where(hit, matrices, still)
        self._hit = hit if self._hit is None else self._hit | hit
        self._matrices = matrices if self._matrices is None else self._matrices @ matrices

    def carry_out(self) -> None:
        if self._matrices is None or self._hit is None:
            return
        for field in self._fields:
            before = self._batch[field.name]
            is_mask = field.kind == "mask"
            after = warping.warped(before, self._matrices, self._edge, is_mask=is_mask)
            self._batch[field.name] = _where(self._hit, after, before)
        self._matrices = self._hit = None


def _matrices(step: Rotate | Scale | Shift | Crop, field: DataField, draws: _Draws) -> Tensor:
    height, width = field.sizes[-2:]
    match step:
        case Rotate():
            return warping.rotations(draws.uniform(-step.degrees, step.degrees))
        case Scale():
            return warping.scalings(draws.uniform(1 - step.share, 1 + step.share))
        case Shift():
            right = draws.uniform(-step.share * width, step.share * width)
            return warping.shifts(right, draws.uniform(-step.share * height, step.share * height))
        case Crop():
            places = [
                draws.uniform(-step.padding - 0.5, step.padding + 0.5).round() for _ in range(2)
            ]
            return warping.shifts(*places)


def _disturbed(step: Augmentation, field: DataField, values: Tensor, draws: _Draws) -> Tensor:
    match step:
        case Colour():
            spans = (step.brightness, step.contrast, step.saturation)
            return disturbing.coloured(
                values, *(draws.uniform(1 - span, 1 + span) for span in spans)
            )
        case Cutout():
            height, width = field.sizes[-2:]
            side = round(step.side * min(height, width))
            rows, columns = draws.uniform(0, height), draws.uniform(0, width)
            return disturbing.with_squares(values, rows, columns, side)
        case Noise():
            return values + step.deviation * draws.normal(values)
        case TimeShift():
            far = step.share * values.shape[-1]
            return disturbing.shifted_in_time(values, draws.uniform(-far, far).round().long())
        case Gain():
            decibels = draws.uniform(-step.decibels, step.decibels)
            return values * (10 ** (decibels / 20)).view(-1, *([1] * (values.ndim - 1)))
        case Masking():
            return _masked(step, field, values, draws)
        case _:
            return values


def _masked(step: Masking, field: DataField, values: Tensor, draws: _Draws) -> Tensor:
    stretch, band = draws.uniform(0, step.time), draws.uniform(0, step.frequency)
    begin, low = draws.uniform(0, 1) * (1 - stretch), draws.uniform(0, 1) * (1 - band)
    if field.kind == "audio":
        length = values.shape[-1]
        # The band first: taking frequencies out smears what was silent.
        values = disturbing.without_band(values, low, band)
        return disturbing.silenced(values, begin * length, stretch * length, -1)
    time, features = values.shape[-2:]
    values = disturbing.silenced(values, begin * time, stretch * time, -2)
    return disturbing.silenced(values, low * features, band * features, -1)


def _moved(inputs: Sequence[DataField], targets: Sequence[DataField]) -> list[DataField]:
    """Return the pictures that move together: the inputs, and masks and targets of their size."""
    pictures = [field for field in inputs if field.kind == "image" and len(field.sizes) == 3]
    sizes = pictures[0].sizes[-2:] if pictures else ()
    both = [*inputs, *targets]
    return [
        field for field in both if field.kind in ("image", "mask") and field.sizes[-2:] == sizes
    ]


def _zero(spec: DataSpec, field: DataField) -> float | None:
    """Return where the zero of an answer lies for the model; None where it is no number."""
    if field.kind not in ("number", "vector") or field.dtype != "float":
        return None
    how = spec.preparations.get(field.name)
    return -how.mean[0] / how.deviation[0] if isinstance(how, Standard) else 0.0


def _where(hit: Tensor, changed: Tensor, before: Tensor) -> Tensor:
    return torch.where(hit.view(-1, *([1] * (before.ndim - 1))), changed, before)
