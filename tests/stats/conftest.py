"""The readings that most statistics are tried on."""

from pathlib import Path

import pandas as pd
import pytest

from helpers.stats.readings import analysed

REFERENCE = Path(__file__).parents[1] / "reference"


@pytest.fixture(scope="session")
def rows(readings) -> pd.DataFrame:
    """Analysed pairs of the small study."""
    return analysed(readings, "realism_pair")


@pytest.fixture(scope="session")
def van_dyke():
    """Van Dyke et al. 1993: 2 treatments, 5 readers, 114 cases read in both; its results are published."""
    table = (
        pd.read_csv(REFERENCE / "published" / "vandyke.csv")
        .rename(columns=str.lower)
        .rename(columns={"treatment": "source"})
    )
    rows = table[["source", "reader", "case", "truth", "rating"]].astype({"source": str, "case": str, "reader": str})
    return rows.assign(finding="dissection")
