"""Seconds for one cell of a power grid (1,000 simulated studies, both conclusions), by size and measure.

Run: python benchmarks/power.py [--sets 1000] [--jobs 2]
"""

import argparse
import time

import pandas as pd

from helpers.stats.latent import Latent
from helpers.stats.power import design_grid
from helpers.stats.roe_metz import ACCURACY, AREA

SIZES = ((3, 48), (5, 100), (10, 200), (20, 200), (20, 1000))  # readers, cases of each of two sources
THRESHOLDS = {ACCURACY: (-0.3, 0.3), AREA: (-1.2, -0.3, 0.3, 1.2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2, help="cores; several cells of a grid run side by side")
    arguments = parser.parse_args()
    lines = []
    for measure, thresholds in THRESHOLDS.items():
        model = Latent(0.1, 0.05, 0.2, thresholds)
        for readers, cases in SIZES:
            differences = [0.1 + 0.01 * step for step in range(arguments.jobs)]  # one cell for each core
            start = time.perf_counter()
            design_grid(model, measure, 0.7, differences, [readers], [cases], arguments.sets, jobs=arguments.jobs)
            lines.append((measure, readers, cases, (time.perf_counter() - start) / len(differences)))
    table = pd.DataFrame(lines, columns=["measure", "readers", "cases", "seconds_for_a_cell"])
    print(table.round(2).to_string(index=False))


if __name__ == "__main__":
    main()
