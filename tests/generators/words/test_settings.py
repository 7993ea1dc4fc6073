"""Settings out of range are refused, and the average has the width that was asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import ParameterError
from helpers.generators.words.settings import WordsSettings, ema_exponent


@given(width=st.floats(0.02, 0.27))
def test_the_exponent_gives_the_width_that_was_asked_for(width):
    g = ema_exponent(width)
    assert g > 0
    assert np.sqrt((g + 1) / ((g + 2) ** 2 * (g + 3))) == pytest.approx(width, rel=1e-6)


def test_known_exponent():
    """Karras et al. 2024 give 6.94 for a width of 0.10."""
    assert ema_exponent(0.10) == pytest.approx(6.94, abs=0.01)


@pytest.mark.parametrize("wrong", [{"batch": 0}, {"learning_rate": -1}, {"ema_width": 0.5}, {"noise_deviation": 0}])
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ParameterError, match=str(*wrong)):
        WordsSettings(**wrong)
