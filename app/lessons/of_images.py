"""The lessons of the built-in projects on images."""

from __future__ import annotations

from app.lessons.acts import ask, change, look, read, told, train, wait
from app.lessons.lesson import Step

IMAGES = {
    "digits": told(
        train(
            "Press **Train**. The loss falls, and the cards show what each layer makes of a digit."
        ),
        look(
            "add",
            "Select **Add**. It adds what two convolutions found to what came past them: the skip "
            "keeps the stroke, the convolutions change it.",
        ),
        wait(),
        read("**Evaluation** shows which digits are taken for which."),
        ask("Open **Try** at the top, and draw a digit of your own."),
        ending="A block with a skip can be repeated: “Blocks” in Help makes this network deeper.",
    ),
    "digits-mlp": told(
        train("Press **Train**: it takes seconds."),
        look(
            "linear",
            "Open **Train** at the top, select the first **Linear** and open **Weights**: a row "
            "for each of its neurons, a number for each pixel.",
            panel="weights",
        ),
        wait(),
        change(
            "linear",
            "Open **Build**, select the first **Linear** again and set **Output features** to 16.",
        ),
        train("Press **Train** again."),
        wait(),
        read("**Compare** shows what the other neurons were worth."),
        ending="“Digits” with convolutions knows which pixels are neighbours; this one does not.",
    ),
    "fashion": told(
        train("Press **Train**. It goes six times through the garments."),
        look(
            "global_avg_pool2d",
            "Select **GlobalAvgPool2d**. Of each of 48 maps it keeps the mean: where something "
            "was seen no longer matters.",
        ),
        wait(),
        read("In **Evaluation**, shirts, pullovers and coats are taken for each other."),
        change(
            "dropout",
            "Open **Build**, select **Dropout** and set it to 0. The next run leaves nothing out.",
        ),
        train("Press **Train** again."),
        wait(),
        read("**Compare** shows how far the curves part with dropout and without."),
        ending="Dropout narrows the gap between what was seen and what was never seen.",
    ),
    "autoencoder": told(
        train("Press **Train**. No label is used: the answer is the picture itself."),
        look("linear_2", "Select **Code**. These 32 numbers are all that is kept of 784 pixels."),
        look("reshape", "Select **Image again**. From the code alone each digit is drawn anew."),
        wait(),
        change(
            "linear_2",
            "Open **Build**, select **Code** and set **Output features** to 4: a smaller bag.",
        ),
        train("Press **Train** again."),
        wait(),
        read("Select **Image again** once more: four numbers draw less."),
        ending="The fewer numbers, the vaguer the picture: what is left is what digits share.",
    ),
    "vae": told(
        train("Press **Train**. Each digit becomes two numbers, blurred a little by chance."),
        look(
            "two_numbers",
            "Open **Train** at the top, select **Two numbers** and open **Map**: every dot is a "
            "digit at its two numbers.",
            panel="map",
        ),
        wait("Digits of a kind move together. Wait until the run ends."),
        read("Drag across **Map**: what is drawn there turns from digit to digit."),
        change(
            "gaussian_klloss",
            "Open **Build**, select **Tidiness** and set **Weight** to 0: nothing keeps the "
            "numbers near each other.",
        ),
        train("Press **Train** again."),
        wait(),
        read("Select **Two numbers** and look at **Map** once more: digits lie farther apart."),
        ending="Tidiness costs sharpness, and buys a plane without empty places.",
    ),
    "cells": told(
        train("Press **Train**. Every pixel is to be ground, cell or nucleus."),
        look("bottom", "Select **Bottom**: 48 maps of 12 by 12 say what is there, hardly where."),
        look(
            "up_24_to_48",
            "Select **Up, 24 to 48**. What the first level saw comes in from the side and says "
            "where the edges are.",
        ),
        wait(),
        read("**Evaluation** tells the area shared for each class."),
        change(
            "cross_entropy_loss",
            "Open **Build**, select **Cross-entropy** and set **Weight** to 0: only areas are "
            "judged, no pixel by itself.",
        ),
        train("Press **Train** again."),
        wait(),
        read("**Compare** shows both curves of the mean IoU."),
        ending="Down to see what, up to see where: that is the U in U-Net.",
    ),
    "driving": told(
        train("Press **Train**. From each picture of the road it learns an angle of the wheels."),
        look(
            "conv2d", "Select the first **Conv2d**: some maps light up along the edges of the road."
        ),
        wait(),
        read("The error is in degrees."),
        Step(
            "Open **Try**, press **Drive**, and push the car aside with the arrow keys.",
            lambda now, _start: now.has_driven,
            "layouts",
        ),
        ending="What it sees next follows from what it did: small errors add up, or are made good.",
    ),
}
