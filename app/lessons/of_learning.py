"""The lessons of the built-in projects in which digits are invented, handed on and seen anew."""

from __future__ import annotations

from app.lessons.acts import ask, change, look, read, told, train, wait

LEARNING = {
    "digits-gan": told(
        train("Press **Train**. Two networks take turns: one draws, the other judges."),
        look("generator", "Select **Generator** while it trains: from grey squares come strokes."),
        look(
            "noise",
            "Select **Noise**. These 64 random numbers are all that the generator is given; other "
            "numbers make another digit.",
        ),
        look(
            "made_looks_real",
            "Select **Made looks real**. Its gradient passes through the judge, and only the "
            "generator learns from it.",
        ),
        wait("Wait until the run ends, or stop it when you have seen enough."),
        ending="Neither loss goes to zero: the two hold each other in balance.",
    ),
    "digits-distilled": told(
        look(
            "teacher",
            "Select **Teacher**. It is frozen, and its weights come from a file.",
            "canvas",
        ),
        train("Press **Train**. The student learns from 1\u202f000 digits only."),
        wait(),
        change(
            "like_the_teacher",
            "Open **Build**, select **Like the teacher** and set **Weight** to 0: nobody "
            "helps now.",
        ),
        change("right_class", "Select **Right class** and set **Weight** to 1."),
        train("Press **Train** again."),
        wait(),
        read("**Compare** shows what the teacher was worth."),
        ending="A teacher's doubts say more than a label: which wrong answers are nearly right.",
    ),
    "digits-transfer": told(
        look(
            "backbone",
            "Select **Backbone**. It learned to see without a label; here it is frozen.",
            "canvas",
        ),
        train("Press **Train**. Only the new head learns, from 200 digits."),
        wait(),
        ask("Open **Try**, and draw a digit."),
        ending="Seeing is learned once; with it, a few examples are enough. **Load weights into "
        "this** in Properties gives Backbone weights of your own.",
    ),
    "digits-contrastive": told(
        train("Press **Train**. No label reaches the encoder."),
        look("one_view", "Select **One view**: each digit turned, moved and resized by chance."),
        look("another_view", "Select **Another view**: the same digits, seen otherwise."),
        look(
            "probe",
            "Select **Probe**. It reads digits from what the encoder found, and **Detach** keeps "
            "it from teaching.",
        ),
        wait(),
        read("The accuracy is that of the probe."),
        ending="That two views belong together is enough to learn what digits look like.",
    ),
}
