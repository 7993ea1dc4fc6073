"""Settings of a tuning are checked before anything is loaded."""

import pytest

from helpers.checks import chosen
from helpers.errors import ParameterError
from helpers.generators.finetuning.settings import TuningSettings


def test_settings_are_those_of_the_notebook_by_name():
    found = chosen(TuningSettings, {"tune": ["unet"], "lora_rank": 4, "channels": [32], "base": "x"})
    assert found.tune == ("unet",) and found.lora_rank == 4 and found.resolution is None


@pytest.mark.parametrize(
    "wrong", [{"tune": ["vae"]}, {"tune": []}, {"tune": ["unet", "unet"]}, {"lora_rank": -1}, {"resolution": 0}]
)
def test_what_is_out_of_range_is_named(wrong):
    with pytest.raises(ParameterError, match=next(iter(wrong))):
        TuningSettings(**{name: tuple(v) if isinstance(v, list) else v for name, v in wrong.items()})
