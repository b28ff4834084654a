"""Sound: a waveform becomes a picture of its pitches over time."""

from typing import Annotated, ClassVar, TypeAlias

from nodes.errors import ParameterError, ShapeError
from nodes.expectations import described
from nodes.layer import Call, Layer, LayerInfo, Lowering, differing
from nodes.params import Param
from nodes.sizes import Size
from nodes.tensors import Inputs, TensorType, needs_float

Settings: TypeAlias = tuple[tuple[str, object], ...]


class Spectrogram(Layer, frozen=True, kw_only=True):
    """The base of layers that look at a waveform in windows."""

    sample_rate: Annotated[
        int,
        Param(
            "Sample rate",
            "How many numbers of the waveform make one second.",
            low=1,
            high=1_000_000,
            unit="Hz",
            suggest=(8000, 16000, 22050, 44100),
        ),
    ] = 16000
    n_fft: Annotated[
        int,
        Param(
            "Window",
            "How many numbers are looked at at once. A longer window tells pitches apart better "
            "and times worse.",
            low=2,
            high=65536,
            suggest=(400, 512, 1024, 2048),
            on_card="window {}",
        ),
    ] = 400
    hop: Annotated[
        int,
        Param(
            "Hop",
            "The step between windows; half of the window or less.",
            low=1,
            high=65536,
            suggest=(160, 256, 512),
            on_card="hop {}",
        ),
    ] = 160
    n_mels: Annotated[
        int,
        Param(
            "Pitches",
            "How many bands of pitch come out, spaced as people hear.",
            low=1,
            high=4096,
            suggest=(40, 64, 80, 128),
            on_card="{} mels",
        ),
    ] = 64

    def verify(self) -> None:
        if self.n_mels > self.n_fft // 2 + 1:
            raise ParameterError(
                "n_mels",
                f"Pitches cannot be {self.n_mels}",
                why=f"A window of {self.n_fft} tells {self.n_fft // 2 + 1} tones apart.",
                hint="Take fewer pitches or a longer window.",
            )

    def infer(self, inputs: Inputs) -> tuple[TensorType, ...]:
        x = inputs["x"]
        needs_float(x, self.info.title)
        if x.rank != 2 and not (x.rank == 3 and x.sizes[1] == 1):
            raise ShapeError(
                f"{self.info.title} needs a waveform of one channel",
                why=f"It receives {described(x)}.",
                hint="Connect one number after the other: T or 1×T.",
                reason="needs a waveform",
                code="LL-S002",
            )
        length = x.sizes[-1]
        # Torch mirrors half a window at both ends.
        if isinstance(length, int) and length <= self.n_fft // 2:
            raise ShapeError(
                "The sound is shorter than half a window",
                why=f"It has {length} numbers, the window {self.n_fft}.",
                hint="Set a shorter window.",
                reason="sound too short",
                code="LL-S003",
            )
        return (x.with_sizes(x.sizes[0], 1, self.rows(), self._frames(length)),)

    def rows(self) -> int:
        """Return how many numbers each frame has."""
        return self.n_mels

    def settings(self) -> Settings:
        """Return what the module is given beside what all have."""
        return ()

    def lower(self, inputs: Inputs) -> Lowering:
        name = type(self).__name__
        numbers = (self.sample_rate, self.n_fft, self.hop, self.n_mels)
        module = Call(name, numbers, self.settings())
        wave = "{x}" if inputs["x"].rank == 2 else "{x}.flatten(1)"
        return Lowering(expression=f"{{module}}({wave}).unsqueeze(1)", module=module, helper=name)

    def buffers(self, inputs: Inputs) -> int:
        del inputs
        return self.n_fft + self.n_mels * (self.n_fft // 2 + 1)

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        del inputs
        of_a_frame = self.n_mels * (self.n_fft // 2 + 1)
        return of_a_frame * outputs[0].sizes[3]

    def explain(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> str:
        length = inputs["x"].sizes[-1]
        return f"⌊{length} ÷ {self.hop}⌋ + 1 = {outputs[0].sizes[3]} frames"

    def _frames(self, length: Size) -> Size:
        return (length + self.n_fft // 2 * 2 - self.n_fft) // self.hop + 1


class MelSpectrogram(Spectrogram, frozen=True, kw_only=True):
    """How loud each pitch is over time."""

    info: ClassVar = LayerInfo(
        title="MelSpectrogram",
        category="seq",
        summary="Shows how loud each pitch of a sound is over time; nothing is learned.",
        when="Before convolutions over sound: speech and music then look like an image of one "
        "channel. Takes the waveform as it is.",
        shape="T, or 1×T, to 1×mels×frames",
        formula="frames = ⌊T ÷ hop⌋ + 1",
        aliases=("audio", "sound", "speech", "stft", "spectrogram", "waveform"),
        reference="Stevens, Volkmann and Newman 1937, A Scale for the Measurement of the "
        "Psychological Magnitude Pitch",
    )

    log: Annotated[
        bool,
        Param("Logarithm", "Gives loudness as people hear it.", advanced=True),
    ] = True

    def settings(self) -> Settings:
        return differing(("log", self.log, True))


class MFCC(Spectrogram, frozen=True, kw_only=True):
    """The shape of the spectrum over time, in a few numbers."""

    info: ClassVar = LayerInfo(
        title="MFCC",
        category="seq",
        summary="Tells the shape of a sound's spectrum over time in a few numbers; nothing is "
        "learned.",
        when="Before a recurrent or a small network over speech: a tenth of the numbers of a mel "
        "spectrogram, and less of the pitch of the voice. Takes the waveform as it is.",
        shape="T, or 1×T, to 1×coefficients×frames",
        formula="cₖ = √(2/M) ∑ₘ log(melₘ) cos(π k (m + ½) / M)",
        aliases=("mel frequency cepstral coefficients", "cepstrum", "audio", "speech", "dct"),
        reference="Davis and Mermelstein 1980, Comparison of Parametric Representations for "
        "Monosyllabic Word Recognition",
    )

    n_mfcc: Annotated[
        int,
        Param(
            "Coefficients",
            "How many numbers tell the shape of the spectrum; the first is how loud it is.",
            low=1,
            high=4096,
            suggest=(13, 20, 40),
            on_card="{} coefficients",
        ),
    ] = 13

    def verify(self) -> None:
        Spectrogram.verify(self)
        if self.n_mfcc > self.n_mels:
            raise ParameterError(
                "n_mfcc",
                f"Coefficients cannot be {self.n_mfcc}",
                why=f"They are made of {self.n_mels} pitches.",
                hint="Take fewer coefficients or more pitches.",
            )

    def rows(self) -> int:
        return self.n_mfcc

    def settings(self) -> Settings:
        return differing(("n_mfcc", self.n_mfcc, 13))

    def buffers(self, inputs: Inputs) -> int:
        return Spectrogram.buffers(self, inputs) + self.n_mfcc * self.n_mels

    def multiply_adds(self, inputs: Inputs, outputs: tuple[TensorType, ...]) -> Size:
        of_a_frame = self.n_mfcc * self.n_mels
        return Spectrogram.multiply_adds(self, inputs, outputs) + of_a_frame * outputs[0].sizes[3]


LAYERS = (MelSpectrogram, MFCC)
