"""The lessons of the built-in projects on sounds and series."""

from __future__ import annotations

from app.lessons.acts import ask, change, look, read, told, train, wait

SIGNALS = {
    "spoken-words": told(
        train("Press **Train**. What enters is a second of sound: 8\u202f000 numbers."),
        look(
            "mel_spectrogram",
            "Select **MelSpectrogram**: time goes to the right, pitch goes up. From here on a word "
            "is a picture.",
        ),
        wait(),
        read("**Evaluation** shows which words are taken for which."),
        ask("Open **Try**, and give it a word of your own: record it, or choose a sound file."),
        ending="The voices are synthetic. Your own voice is the harder test, and the honest one.",
    ),
    "spoken-language": told(
        train("Press **Train**. Two seconds of sound, five languages."),
        look("mel_spectrogram", "Select **MelSpectrogram**: what the convolutions read."),
        look(
            "global_avg_pool2d",
            "Select **GlobalAvgPool2d**: of each map the mean, so that it does not matter when "
            "something was said.",
        ),
        wait(),
        read(
            "English and Spanish have one speaker: see in **Evaluation** how often they are "
            "confused."
        ),
        ending="What tells samples apart may be the voice and not the language: know your data.",
    ),
    "vowels": told(
        look(
            "data",
            "Select **Japanese vowels**: up to 29 frames of 12 numbers. Shorter ones begin with "
            "zeros.",
            "canvas",
        ),
        train("Press **Train**."),
        look("gru", "Select **GRU**. Frame by frame it keeps what tells the speakers apart."),
        wait(),
        read("**Evaluation** shows which speakers are confused."),
        ending="A recurrent layer reads in order, and remembers.",
    ),
    "rides": told(
        train("Press **Train**. Two weeks are read, one day is foreseen."),
        look("gru", "Select **GRU**: 48 numbers that say how the two weeks went."),
        wait(),
        read(
            "The same day of last week misses by 1.39 thousand; see the mean absolute error in "
            "**Evaluation**."
        ),
        ask("Open **Try**, and draw another curve: what does a quiet week change?"),
        ending="A forecast is judged by days that come later, and against last week.",
    ),
    "sunspots": told(
        train("Press **Train**. 24 years are read, the next is foreseen."),
        wait(),
        read("**Forecast** in **Evaluation** shows the band."),
        look(
            "ends",
            "Select **Between**: two numbers, between which the year should lie four times out of "
            "five.",
        ),
        change(
            "quantile_loss",
            "Open **Build**, select **Quantile loss** and set **Holds** to 0.95: a wider band.",
        ),
        train("Press **Train** again."),
        wait(),
        read("How many years lie within the band now?"),
        ending="A forecast that says how sure it is can be checked: count how often it is right.",
    ),
}
