"""Ratings of several readers: made up, made up and checked in R, and Van Dyke's."""

import numpy as np
import pandas as pd
import pytest

from helpers.runs import PROJECT
from helpers.stats.readings import analysed

REFERENCE = PROJECT / "tests" / "reference"


def make_ratings(
    seed: int,
    readers: int = 4,
    present: int | tuple[int, ...] = 12,
    absent: int | tuple[int, ...] = 15,
    sources: tuple[str, ...] = ("gan", "diffusion"),
    crossed: bool = False,
    reader_sd: float = 0.3,
    reader_by_source_sd: float = 0.3,
    case_sd: float = 0.7,
    grades: tuple[float, ...] = (-0.6, 0.2, 0.8, 1.6),
) -> pd.DataFrame:
    """Readings of sources that are equally good: columns reader, case, source, finding, truth, rating.

    ``present`` and ``absent`` are numbers of cases, of every source or of each. Crossed: all show the same cases.
    """
    generator = np.random.default_rng(seed)
    names, skill = [f"r{r}" for r in range(readers)], generator.normal(0, reader_sd, readers)
    tables, effects = [], {}
    for s, source in enumerate(sources):
        sizes = [n if isinstance(n, int) else n[s] for n in (present, absent)]
        truth = np.repeat([1, 0], sizes)
        shown = "" if crossed else source
        effect = effects.setdefault(shown, generator.normal(0, case_sd, len(truth)))
        ability = 1.2 + skill + generator.normal(0, reader_by_source_sd, readers)
        evidence = ability[:, None] * truth + effect + generator.normal(0, 0.7, (readers, len(truth)))
        case = [f"{shown}case-{i}" for i in range(len(truth))]
        table = {
            "reader": np.repeat(names, len(truth)),
            "case": case * readers,
            "source": source,
            "finding": "effusion",
        }
        rating = np.digitize(evidence, grades).ravel() - 2
        tables.append(pd.DataFrame(table | {"truth": np.tile(truth, readers), "rating": rating}))
    return pd.concat(tables, ignore_index=True)


@pytest.fixture
def ratings():
    """``make_ratings``."""
    return make_ratings


@pytest.fixture(scope="session")
def rows(readings):
    """Analysed findings of the small study."""
    return analysed(readings, "conditionality")


@pytest.fixture(scope="session")
def r_ratings():
    """Ratings of two readers whose areas were computed in R: the readings."""
    table = pd.read_csv(REFERENCE / "mrmc_ratings.csv")
    rows = table.melt(["case", "truth"], ["first", "second"], "reader", "rating")
    return rows.assign(source="real", finding="effusion", case=rows["case"].astype(str))


@pytest.fixture(scope="session")
def r_values():
    """What R found for ``r_ratings``: measure, reader, value."""
    return pd.read_csv(REFERENCE / "mrmc_roc.csv")


@pytest.fixture(scope="session")
def nico():
    """Hupse et al. 2013: an algorithm and 9 radiologists on 200 mammograms, one place and rating for each."""
    table = pd.read_csv(REFERENCE / "published" / "nico_lroc.csv", dtype={"reader": str, "case": str})
    return table.assign(reader_kind=np.where(table["reader"] == "algorithm", "algorithm", "human"))


@pytest.fixture(scope="session")
def tony():
    """Chakraborty and Svahn 2011: marks of 5 readers in 2 treatments, and the lesions of 185 cases."""
    names = {"reader": str, "case": str, "lesion": str}
    return tuple(
        pd.read_csv(REFERENCE / "published" / f"tony_{name}.csv", dtype=names) for name in ("marks", "lesions")
    )
