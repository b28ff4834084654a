"""Steps that change training samples a little each time they are seen, so that a model learns more.

Each step only describes, with its ranges and help; ``engine.data.augmenting`` carries it out. What
a model is validated, tested and asked with is never augmented.
"""

from typing import Annotated, ClassVar, Final, Literal, TypeAlias, get_args

import msgspec

from nodes.params import Param, fields_of
from nodes.params import check as check_ranges

Edge: TypeAlias = Literal["zero", "repeat", "mirror"]

_PICTURES: Final = ("image",)
_SOUNDS: Final = ("audio",)


class StepInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a step beyond its settings."""

    title: str
    summary: str
    kinds: tuple[str, ...] = _PICTURES
    """The kinds of fields that it changes."""


class AugmentationStep(
    msgspec.Struct, frozen=True, kw_only=True, tag_field="step", forbid_unknown_fields=True
):
    """The base of all steps."""

    info: ClassVar[StepInfo]

    chance: Annotated[
        float,
        Param("Chance", "The share of samples that are changed.", low=0, high=1, step=0.1),
    ] = 1.0


EdgeSetting = Annotated[
    Edge,
    Param("At the edge", "What stands where the picture was moved away: black, or its own edge."),
]


class Flip(AugmentationStep, frozen=True, kw_only=True, tag="flip"):
    """Mirror pictures."""

    info: ClassVar = StepInfo(
        title="Flip", summary="Mirrors pictures. Not where left and right mean something, as in 5."
    )

    chance: Annotated[
        float,
        Param("Chance", "The share of samples that are mirrored.", low=0, high=1, step=0.1),
    ] = 0.5
    vertical: Annotated[bool, Param("Upside down", "Mirrors top and bottom, not the sides.")] = (
        False
    )
    negates: Annotated[
        bool,
        Param(
            "Negates",
            "The answer of a mirrored sample is the opposite number, as in steering.",
        ),
    ] = False


class Rotate(AugmentationStep, frozen=True, kw_only=True, tag="rotate"):
    """Turn pictures about their middle."""

    info: ClassVar = StepInfo(title="Rotate", summary="Turns pictures a little to either side.")

    degrees: Annotated[
        float,
        Param("Up to", "The largest angle to either side.", low=0, high=180, step=5, unit="°"),
    ] = 15.0
    edge: EdgeSetting = "zero"


class Shift(AugmentationStep, frozen=True, kw_only=True, tag="shift"):
    """Move pictures along both axes."""

    info: ClassVar = StepInfo(title="Shift", summary="Moves pictures up, down and to the sides.")

    share: Annotated[
        float,
        Param("Up to", "The farthest, as a share of the side.", low=0, high=1, step=0.05),
    ] = 0.1
    edge: EdgeSetting = "zero"


class Scale(AugmentationStep, frozen=True, kw_only=True, tag="scale"):
    """Make pictures larger and smaller about their middle."""

    info: ClassVar = StepInfo(title="Scale", summary="Makes what is seen larger or smaller.")

    share: Annotated[
        float,
        Param(
            "Up to",
            "How much larger or smaller: 0.2 goes from 80 % to 120 %.",
            low=0,
            high=0.9,
            step=0.05,
        ),
    ] = 0.1
    edge: EdgeSetting = "zero"


class Crop(AugmentationStep, frozen=True, kw_only=True, tag="crop"):
    """Pad pictures and cut them back to their size at another place."""

    info: ClassVar = StepInfo(
        title="Crop",
        summary="Pads pictures on all sides, then cuts them back to their size somewhere.",
    )

    padding: Annotated[
        int,
        Param(
            "Padding", "Pixels added on each side before the cut.", low=0, high=512, unit="pixels"
        ),
    ] = 4
    edge: EdgeSetting = "zero"


class Colour(AugmentationStep, frozen=True, kw_only=True, tag="colour"):
    """Change brightness, contrast and saturation."""

    info: ClassVar = StepInfo(
        title="Colour", summary="Changes brightness, contrast and the strength of colours."
    )

    brightness: Annotated[
        float,
        Param("Brightness", "Times 1 plus or minus this share.", low=0, high=1, step=0.05),
    ] = 0.2
    contrast: Annotated[
        float,
        Param(
            "Contrast", "Distance from the mean, 1 plus or minus this.", low=0, high=1, step=0.05
        ),
    ] = 0.2
    saturation: Annotated[
        float,
        Param("Saturation", "Distance from grey; of coloured pictures.", low=0, high=1, step=0.05),
    ] = 0.2


class Cutout(AugmentationStep, frozen=True, kw_only=True, tag="cutout"):
    """Blacken a square (DeVries and Taylor, 2017)."""

    info: ClassVar = StepInfo(
        title="Cutout", summary="Blackens a square, so that no single part decides."
    )

    side: Annotated[
        float,
        Param("Side", "Of the square, as a share of the shorter side.", low=0, high=1, step=0.05),
    ] = 0.3


class Noise(AugmentationStep, frozen=True, kw_only=True, tag="noise"):
    """Add Gaussian noise."""

    info: ClassVar = StepInfo(
        title="Noise",
        summary="Adds random numbers to every value.",
        kinds=("image", "audio", "sequence", "vector"),
    )

    deviation: Annotated[
        float,
        Param(
            "Strength",
            "The standard deviation of the noise. Pictures go from 0 to 1, sounds from −1 to 1.",
            low=0,
            high=10,
            step=0.01,
        ),
    ] = 0.05


class MixUp(AugmentationStep, frozen=True, kw_only=True, tag="mixup"):
    """Blend each sample with another one (Zhang et al., 2018)."""

    info: ClassVar = StepInfo(
        title="MixUp",
        summary="Blends each sample with another; the loss counts both answers by their share.",
        kinds=("image", "audio", "sequence", "vector"),
    )

    chance: Annotated[
        float, Param("Chance", "The share of batches that are mixed.", low=0, high=1, step=0.1)
    ] = 1.0
    alpha: Annotated[
        float,
        Param(
            "Alpha",
            "Of the beta distribution that shares are drawn from; more mixes more evenly.",
            low=0.01,
            high=10,
            step=0.1,
        ),
    ] = 0.2


class CutMix(AugmentationStep, frozen=True, kw_only=True, tag="cutmix"):
    """Put a rectangle of another sample into each (Yun et al., 2019)."""

    info: ClassVar = StepInfo(
        title="CutMix",
        summary="Puts a part of another picture in; the loss counts both answers by their area.",
    )

    chance: Annotated[
        float, Param("Chance", "The share of batches that are mixed.", low=0, high=1, step=0.1)
    ] = 0.5
    alpha: Annotated[
        float,
        Param(
            "Alpha",
            "Of the beta distribution that areas are drawn from; more cuts larger parts.",
            low=0.01,
            high=10,
            step=0.1,
        ),
    ] = 1.0


class TimeShift(AugmentationStep, frozen=True, kw_only=True, tag="time_shift"):
    """Move sounds in time."""

    info: ClassVar = StepInfo(
        title="Time shift", summary="Lets sounds begin earlier or later.", kinds=_SOUNDS
    )

    share: Annotated[
        float,
        Param("Up to", "The farthest, as a share of the length.", low=0, high=1, step=0.05),
    ] = 0.1


class Gain(AugmentationStep, frozen=True, kw_only=True, tag="gain"):
    """Make sounds louder and softer."""

    info: ClassVar = StepInfo(title="Gain", summary="Makes sounds louder or softer.", kinds=_SOUNDS)

    decibels: Annotated[
        float,
        Param("Up to", "The largest change; 6 dB is twice as loud.", low=0, high=40, unit="dB"),
    ] = 6.0


class Masking(AugmentationStep, frozen=True, kw_only=True, tag="masking"):
    """Silence a stretch of time and a band of frequencies (SpecAugment, Park et al., 2019)."""

    info: ClassVar = StepInfo(
        title="Spectrogram masking",
        summary="Silences a stretch of time and a band of frequencies.",
        kinds=("audio", "sequence"),
    )

    time: Annotated[
        float,
        Param("Time", "The longest stretch, as a share of the length.", low=0, high=0.9, step=0.05),
    ] = 0.15
    frequency: Annotated[
        float,
        Param("Frequency", "The widest band, as a share of all.", low=0, high=0.9, step=0.05),
    ] = 0.15


Augmentation: TypeAlias = (
    Flip
    | Rotate
    | Shift
    | Scale
    | Crop
    | Colour
    | Cutout
    | Noise
    | MixUp
    | CutMix
    | TimeShift
    | Gain
    | Masking
)

STEPS: Final[tuple[type[Augmentation], ...]] = get_args(Augmentation)
"""All steps, in the order in which they are offered."""


def key_of(step: type[AugmentationStep]) -> str:
    """Return the name of a step in files and on the command line: ``time_shift``."""
    return str(step.__struct_config__.tag)


def suits(step: type[AugmentationStep], kinds: set[str]) -> bool:
    """Say whether a data set with fields of these kinds has something that a step changes."""
    return not kinds.isdisjoint(step.info.kinds)


def check_step(step: AugmentationStep) -> None:
    """Check the settings of a step against their ranges.

    Raises:
        ParameterError: One lies outside.
    """
    check_ranges(type(step), msgspec.structs.asdict(step))


def in_words(step: AugmentationStep) -> str:
    """Tell a step in one line: ``Rotate: up to 15°, at the edge zero``."""
    told = []
    for field in fields_of(type(step)):
        value = getattr(step, field.name)
        if isinstance(value, bool):
            told += [field.param.label.lower()] if value else []
        elif field.name != "chance" or value != 1:
            number = value if isinstance(value, str) else f"{value:g}"
            told.append(f"{field.param.label.lower()} {number}{_unit(field.param.unit)}")
    return f"{step.info.title}: {', '.join(told)}"


def _unit(unit: str) -> str:
    return unit if unit in ("", "°") else f"\u202f{unit}"
