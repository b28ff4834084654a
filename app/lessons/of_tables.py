"""The lessons of the built-in projects on tables and points."""

from __future__ import annotations

from app.lessons.acts import change, look, read, told, train, wait

TABLES = {
    "bank-credit": told(
        look(
            "data",
            "Select **Bank credit** and open **Data**: of some customers not all is known. Gaps "
            "are filled, and marked as gaps.",
            "canvas",
            panel="data",
        ),
        train("Press **Train**: it takes a second or two."),
        wait(),
        read("In **Evaluation**, compare the accuracy with 72 %, which always saying good gives."),
        read("Open **Try**, fill in a customer, and see what changes the answer."),
        ending="What always saying the same gives is the first thing to beat.",
    ),
    "churn": told(
        train("Press **Train**. Three of four customers stay: an easy 73 %."),
        wait(),
        read("In **Evaluation**, look at the recall of Yes."),
        change("dropout", "Open **Build**, select **Dropout** and set it to 0."),
        train("Press **Train** again."),
        wait(),
        read("**Compare** shows whether the curves part."),
        read("Open **Try**, and change the contract of the customer: month to month, two years."),
        ending="Where classes are uneven, accuracy hides what recall shows. **Balance classes** in "
        "the recipe weighs the rare one more.",
    ),
    "two-moons": told(
        train("Press **Train**. Two classes of points lie on two half circles."),
        look(
            "linear_3",
            "Open **Train** at the top, select the last **Linear** and open **Map**.",
            panel="map",
        ),
        read("Choose **Plane**: the border between the classes bends."),
        wait(),
        change(
            "linear",
            "Open **Build**, select the first **Linear** and set **Output features** to 1.",
        ),
        train("Press **Train** again."),
        wait(),
        read("Look at **Plane** once more: straight stripes."),
        ending="Each neuron of the first layer draws one straight line; the rest joins them.",
    ),
    "ratings": told(
        look(
            "habit",
            "Select **Habit of the student**: one number for each student, learnt from the marks.",
            "canvas",
        ),
        train("Press **Train**."),
        look(
            "fit",
            "Select **Fit of the two**. Two vectors of eight numbers, multiplied and added up, say "
            "how well a student and a lecturer suit each other.",
        ),
        wait(),
        read("In **Evaluation**, most marks are foreseen near the middle."),
        ending="Habits explain most of it, taste a little: that is so of most ratings.",
    ),
}
