"""The lessons of the built-in projects on text."""

from __future__ import annotations

from app.lessons.acts import ask, change, look, read, told, train, wait

TEXTS = {
    "novels": told(
        train("Press **Train**. A passage of 60 words, and six novels to choose from."),
        look(
            "shares",
            "Select **Shares of the words**. The names of people count most.",
        ),
        wait(),
        read("**Evaluation** shows which novels are confused."),
        ask("Open **Try**, write a sentence with Mr Darcy in it, and then one without."),
        ending="A network takes what helps: names are easier than style.",
    ),
    "reviews": told(
        train("Press **Train**."),
        look("shares", "Select **Shares of the words**: how much each word counts, in all 1."),
        wait(),
        read("The reviews that it is judged by are of other products."),
        ask(
            "Open **Try**, write a review, and choose **Occlusion** to see which words speak for "
            "the answer."
        ),
        ending="Attention in its simplest form: weigh, multiply, add up.",
    ),
    "letters-lstm": told(
        train("Press **Train**. It reads a novel letter by letter and foresees the next one."),
        look("lstm", "Select **LSTM**: 192 numbers after each letter hold what was read so far."),
        wait(),
        read("More than half of the letters are foreseen."),
        ask("Open **Try**, and begin a sentence: it says which letter comes next."),
        ending="Foreseeing the next letter is all that it learned; words came with it.",
    ),
    "letters-gpt": told(
        look(
            "gpt_block",
            "Select **GPT blocks**, and press **Enter** on it to see attention inside.",
            "canvas",
        ),
        train("Press **Train**. It takes about a minute, longer than most of these projects."),
        wait(),
        ask("Open **Try**, begin a sentence and let it write on, at low and at high temperature."),
        ending="The same drawing, wider and longer trained, is what large language models are.",
    ),
    "dates": told(
        train("Press **Train**. One layer reads a date in words, another writes it in numbers."),
        look(
            "attention",
            "Select **Look back** while it trains: from which letters each digit was read.",
        ),
        wait(),
        ask("Open **Try**, and write a date: the third of March 1998."),
        ending="The decoder need not remember everything: it looks back.",
    ),
    "word-ends": told(
        train("Press **Train**. Letters without gaps; behind which does a word end?"),
        look(
            "both_ways", "Select **Both ways**: what comes before a letter, and what comes after."
        ),
        wait(),
        change(
            "both_ways", "Open **Build**, select **Both ways** and switch **Both directions** off."
        ),
        train("Press **Train** again."),
        wait(),
        read("**Compare** shows what the letters behind were worth."),
        ending="Where the whole sentence is there, reading it from both ends is worth it.",
    ),
}
