"""Settings out of range are refused by name."""

import pytest

from helpers.errors import ParameterError
from helpers.generators.words.settings import WordsSettings


@pytest.mark.parametrize(
    "wrong",
    [{"batch": 0}, {"learning_rate": -1}, {"ema_width": 0.5}, {"noise_deviation": 0}, {"coarse_weight": float("nan")}],
)
def test_settings_out_of_range_are_refused(wrong):
    with pytest.raises(ParameterError, match=str(*wrong)):
        WordsSettings(**wrong)
