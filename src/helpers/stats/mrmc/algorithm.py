"""Comparison of readers with an algorithm that has read the same cases.

The algorithm is a single fixed reader that represents only itself. Each reader's figure of merit minus that of the
algorithm is analysed as the figure of merit of one treatment (Hillis, Obuchowski, Schartz and Berbaum 2005, Statistics
in Medicine 24:1579, their single treatment; Chakraborty 2017, Observer Performance Methods for Diagnostic Imaging,
chapter 22, the one-treatment random-reader random-case analysis). With R readers and d_r their differences,

    variance of the mean = (S^2 + R max(Cov2, 0)) / R      df = (R - 1) ((S^2 + R max(Cov2, 0)) / S^2)^2

where S^2 is the variance of d_r between readers and Cov2 the mean covariance of two readers' differences.
"""

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE, t_p_value
from helpers.stats.mrmc.comparison import SAMPLING
from helpers.stats.mrmc.estimates import Estimates, area_estimates
from helpers.stats.mrmc.obuchowski_rockette import NUMBERS, treatment_means
from helpers.stats.readings import source_order
from helpers.tables import ALGORITHM

PARTS = ["reader_variance", "error_variance", "covariance"]
COLUMNS = ["algorithm", "conclusion", "sampling", "readers_mean", "algorithm_value", *NUMBERS, "p_value"]
COLUMNS += [*PARTS, "readers", "note"]


def readers_minus_algorithm(rows: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Mean area of the readers minus that of each algorithm (``reader_kind`` "algorithm"), for each source.

    ``rows`` as in ``obuchowski_rockette``, with reader_kind. Columns: source, then as in ``against``. A source that
    cannot be compared has no numbers, and the note says why. Raises StatisticsError if no algorithm has read.

    >>> rows = pd.DataFrame({"reader": list("aaaabbbbcccc"), "reader_kind": ["human"] * 8 + ["algorithm"] * 4,
    ...                      "case": list("1234") * 3, "source": "gan", "finding": "mass", "truth": [0, 0, 1, 1] * 3,
    ...                      "rating": [1, 2, 2, 3, 1, 3, 2, 4, 1, 2, 3, 4]})
    >>> readers_minus_algorithm(rows)[["readers_mean", "algorithm_value", "value"]].values[0].tolist()
    [0.8125, 1.0, -0.1875]
    """
    kinds = rows.drop_duplicates("reader").set_index("reader")["reader_kind"]
    algorithms = sorted(kinds.index[kinds == ALGORITHM])
    if not algorithms:
        raise StatisticsError(f"no algorithm has read: no reading has reader_kind {ALGORITHM!r}")
    tables = []
    for name in source_order(rows["source"]):
        for algorithm in algorithms:
            others = [reader for reader in algorithms if reader != algorithm]
            own = rows[(rows["source"] == name) & ~rows["reader"].isin(others)]
            try:
                found = against(area_estimates(own, "source", "jackknife"), algorithm, confidence)
            except StatisticsError as reason:
                said = {"algorithm": algorithm, "readers": 0, "note": f"not estimable: {reason}"}
                found = pd.DataFrame([said | {"conclusion": c, "sampling": SAMPLING[c]} for c in (LIKE, THESE)])
            tables.append(found.assign(source=name))
    return pd.concat(tables, ignore_index=True).reindex(columns=["source", *COLUMNS])


def against(estimates: Estimates, algorithm: str, confidence: float = 0.95) -> pd.DataFrame:
    """Readers minus ``algorithm``, one of the readers of ``estimates`` of one treatment, by any figure of merit.

    Two rows, readers like these (random readers) and these readers (fixed ones). Columns: algorithm, conclusion,
    sampling, readers_mean and algorithm_value, value (their difference), standard_error, degrees_of_freedom, low, high,
    p_value (of no difference), reader_variance, error_variance and covariance (S^2, Var and Cov2 of the differences),
    readers, note. Raises StatisticsError if the algorithm, or every other reader, is left out.
    """
    if len(estimates.treatments) != 1:
        raise StatisticsError(f"an algorithm is compared within one treatment, not {len(estimates.treatments)}")
    if algorithm not in estimates.readers or len(estimates.readers) < 2:
        raise StatisticsError(f"{algorithm!r} and at least one reader need present and absent cases")
    value = float(estimates.values[0, estimates.readers.index(algorithm)])
    differences = estimates.minus(algorithm)
    own, together = differences.values[0], differences.covariance[0, :, 0]
    readers = len(own)
    apart = together[~np.eye(readers, dtype=bool)]
    parts = (own.var(ddof=1) if readers > 1 else np.nan, np.diag(together).mean(), apart.mean() if readers > 1 else 0.0)
    found = dict(zip(PARTS, parts, strict=True)) | {"algorithm": algorithm, "algorithm_value": value}
    tables = []
    for conclusion in (LIKE, THESE):
        table = treatment_means(differences, conclusion, confidence).assign(**found, readers_mean=own.mean() + value)
        p_value = t_p_value(table["value"], table["standard_error"] ** 2, table["degrees_of_freedom"])
        tables.append(table.assign(conclusion=conclusion, sampling=SAMPLING[conclusion], p_value=p_value))
    return pd.concat(tables, ignore_index=True)[COLUMNS]
