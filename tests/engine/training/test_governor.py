import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.training.governor import Governor


def taken(share: float, step_seconds: float, probe_seconds: float, seconds: float) -> list[float]:
    """Return when probes were taken in a training of this length, on a clock of our own."""
    now, moments = 0.0, []
    governor = Governor(share, now)
    while now < seconds:
        now += step_seconds
        if governor.due(now):
            moments.append(now)
            governor.pay(now, now + probe_seconds)
            now += probe_seconds
    return moments


@given(
    share=st.floats(0.001, 0.1),
    step_seconds=st.floats(0.001, 0.2),
    probe_seconds=st.floats(0.0001, 0.1),
)
def test_probes_never_cost_more_than_their_share(
    share: float, step_seconds: float, probe_seconds: float
) -> None:
    moments = taken(share, step_seconds, probe_seconds, 60.0)

    spent = len(moments) * probe_seconds
    # The first probe has no known cost yet, and one may be under way at the end.
    assert spent <= share * 60.0 + 2 * probe_seconds


@pytest.mark.parametrize(("share", "probe_seconds"), [(0.02, 0.002), (0.02, 0.01), (0.1, 0.01)])
def test_the_share_is_used(share: float, probe_seconds: float) -> None:
    moments = taken(share, 0.002, probe_seconds, 60.0)

    assert len(moments) * probe_seconds >= 0.9 * share * 60.0


def test_cheap_probes_are_taken_eighteen_times_a_second_at_most() -> None:
    moments = taken(0.1, 0.001, 0.0001, 10.0)

    assert 150 <= len(moments) <= 180


def test_no_share_means_no_probes() -> None:
    assert taken(0.0, 0.001, 0.0001, 10.0) == []


def test_a_new_question_is_answered_after_the_next_step_and_paid_off_afterwards() -> None:
    governor = Governor(0.02, 0.0)
    governor.pay(1.0, 1.02)
    assert not governor.due(1.5)

    governor.ask()
    assert governor.due(1.5)
    governor.pay(1.5, 1.52)

    assert not governor.due(2.5) and governor.due(5.0)


def test_a_pause_earns_nothing() -> None:
    governor = Governor(0.02, 0.0)
    governor.pay(1.0, 1.1)

    governor.skip(1000.0)

    assert not governor.due(1000.1)
