"""The readings that most statistics are tried on."""

import pandas as pd
import pytest

from helpers.stats.readings import analysed


@pytest.fixture(scope="session")
def rows(readings) -> pd.DataFrame:
    """Analysed pairs of the small study."""
    return analysed(readings, "realism_pair")
