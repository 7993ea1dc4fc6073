"""Tables as other people write them: a small crossed study of two treatments, and a way to load any variant of it."""

from collections.abc import Callable
from itertools import product

import pandas as pd
import pytest

from helpers.stats.readings import load


def long_table(readers=("r1", "r2"), treatments=("film", "screen"), cases: int = 6) -> pd.DataFrame:
    """Long table with ratings of 1 to 5, the odd cases present; its first row is row 2 of a file."""
    rows = [
        (reader, treatment, f"c{case}", case % 2, 1 + (case * 3 + len(reader + treatment)) % 3 + 2 * (case % 2))
        for reader, treatment, case in product(readers, treatments, range(cases))
    ]
    return pd.DataFrame(rows, columns=["reader", "treatment", "case", "truth", "rating"])


@pytest.fixture
def long() -> pd.DataFrame:
    return long_table()


@pytest.fixture
def loaded(tmp_path) -> Callable[..., pd.DataFrame]:
    """Writes text, bytes or a table as a file of the given name and loads it."""

    def write_and_load(content, name: str = "other.csv", **options) -> pd.DataFrame:
        path = tmp_path / name
        if isinstance(content, pd.DataFrame):
            content.to_csv(path, index=False)
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content, encoding="utf-8")
        return load(path, **options)

    return write_and_load


def notes(readings: pd.DataFrame) -> str:
    """All that a table says of how it was read."""
    return " ".join(readings.attrs["notes"])


@pytest.fixture
def said() -> Callable[[pd.DataFrame], str]:
    return notes
