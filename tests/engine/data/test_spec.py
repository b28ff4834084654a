from hypothesis import given
from hypothesis import strategies as st

from engine.data.spec import split

shares = st.floats(0, 0.9)


@given(samples=st.integers(0, 300), validation=shares, test=shares, seed=st.integers(0, 2**31 - 1))
def test_each_sample_is_dealt_out_once(
    samples: int, validation: float, test: float, seed: int
) -> None:
    parts = split(samples, validation=validation, test=test, seed=seed)

    dealt = [*parts.training, *parts.validation, *parts.test]
    assert sorted(dealt) == list(range(samples))


def test_the_same_seed_deals_the_same_and_another_seed_does_not() -> None:
    one, same, other = (split(100, validation=0.2, test=0.1, seed=seed) for seed in (1, 1, 2))

    assert one.validation.tolist() == same.validation.tolist() != other.validation.tolist()
    assert len(one.validation) == 20 and len(one.test) == 10
