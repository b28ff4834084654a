import numpy as np
import pytest

from app.theme.colormaps import activation_table, diverging_table
from app.theme.tokens import ThemeName, load_theme


@pytest.mark.parametrize("name", ["dark", "light"])
def test_a_map_runs_from_its_first_to_its_last_colour(name: ThemeName) -> None:
    table = activation_table(name)
    stops = load_theme(name).activation_map

    assert table.shape == (256, 4)
    assert table.dtype == np.uint8
    assert tuple(table[0]) == stops[0].getRgb()
    assert tuple(table[-1]) == stops[-1].getRgb()
    assert (table[:, 3] == 255).all()


@pytest.mark.parametrize(("name", "direction"), [("dark", 1), ("light", -1)])
def test_the_order_of_values_is_kept_in_greyscale(name: ThemeName, direction: int) -> None:
    grey = activation_table(name)[:, :3] @ np.array([0.2126, 0.7152, 0.0722])

    assert (np.diff(grey) * direction >= 0).all()


@pytest.mark.parametrize("name", ["dark", "light"])
def test_zero_is_the_surface(name: ThemeName) -> None:
    theme = load_theme(name)
    middle = diverging_table(name)[128].astype(int)

    assert np.abs(middle - theme.diverging_map[1].getRgb()).max() <= 1


def test_nobody_can_repaint_a_shared_map() -> None:
    with pytest.raises(ValueError, match="read-only"):
        activation_table("dark")[0] = 0
