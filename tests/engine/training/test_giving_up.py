from engine.training.giving_up import Trials, never


def test_what_was_asked_for_before_is_given_up_and_what_comes_after_is_not() -> None:
    trials = Trials()
    trials.ask()
    first = trials.begin()
    assert not first()
    trials.ask()

    trials.give_up()
    trials.ask()
    second, third = trials.begin(), trials.begin()

    assert first() and second() and not third()
    assert not never()
