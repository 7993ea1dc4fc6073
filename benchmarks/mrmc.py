"""How long the multi-reader analyses take: python benchmarks/mrmc.py [--readers 20] [--cases 2000]

Uses made-up ratings of three sources, on separate cases and on the same cases. Prints seconds, best of three runs.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np
import pandas as pd

from helpers.stats import mrmc
from helpers.stats.mrmc.covariance import ESTIMATORS
from helpers.stats.mrmc.gallas import one_shot
from helpers.stats.mrmc.obuchowski_rockette import obuchowski_rockette

SOURCES = ("real", "gan", "diffusion")


def ratings(readers: int, cases: int, crossed: bool, seed: int = 1) -> pd.DataFrame:
    """Five-point ratings of every reader on every case; half of the cases are present."""
    generator, truth, tables = np.random.default_rng(seed), np.arange(cases) % 2, []
    for source in SOURCES:
        evidence = truth + generator.normal(size=cases) + generator.normal(0, 0.3, (readers, 1))
        rating = np.digitize(evidence + generator.normal(size=(readers, cases)), (-0.5, 0.3, 0.7, 1.5)) - 2
        case = [f"{'' if crossed else source}-{i}" for i in range(cases)]
        table = {"reader": np.repeat([f"r{r}" for r in range(readers)], cases), "case": case * readers}
        table |= {"source": source, "finding": "effusion", "truth": np.tile(truth, readers), "rating": rating.ravel()}
        tables.append(pd.DataFrame(table))
    return pd.concat(tables, ignore_index=True)


def seconds(work: Callable[[], object]) -> float:
    """Shortest of three runs."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def measure(readers: int, cases: int) -> pd.DataFrame:
    """Seconds of each analysis, for both designs."""
    lines = []
    for design, crossed in (("nested", False), ("crossed", True)):
        rows = ratings(readers, cases, crossed)
        work = {
            f"Obuchowski-Rockette, {name}": (lambda name=name, rows=rows: obuchowski_rockette(rows, covariance=name))
            for name in ESTIMATORS
        }
        work["one-shot (Gallas)"] = lambda rows=rows: one_shot(rows)
        work["areas, two conclusions"] = lambda rows=rows: mrmc.auc(rows, ["source"])
        work["differences, two conclusions"] = lambda rows=rows: mrmc.all_auc_differences(rows)
        lines += [(name, design, len(rows), seconds(task)) for name, task in work.items()]
    return pd.DataFrame(lines, columns=["analysis", "cases", "readings", "seconds"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--cases", type=int, default=2000, help="of each source")
    given = parser.parse_args()
    print(measure(given.readers, given.cases).to_string(index=False, float_format="%.2f"))
