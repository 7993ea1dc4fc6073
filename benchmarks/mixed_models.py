"""Mixed models against R's lme4, ordinal and glmmTMB on one core: seconds and estimates for the same made-up readings.

Run: OMP_NUM_THREADS=1 python benchmarks/mixed_models.py [--readers 20] [--cases 2000] [--repeats 3]
Packages that R lacks are left out, and without Rscript only our seconds are measured. Fits alternate; the table has the
median of each and their ratio.
"""

import argparse
import io
import shutil
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.special import expit

from helpers.stats.mixed.clmm import fit_ordinal
from helpers.stats.mixed.glmm import fit

TERMS = "source * finding + (1 | reader) + (1 | case)"
OURS = {
    "binomial": lambda rows: fit(f"correct ~ {TERMS}", rows),
    "gaussian": lambda rows: fit(f"log_time ~ {TERMS}", rows, family="gaussian", reml=True),
    "ordinal": lambda rows: fit_ordinal(f"rating ~ {TERMS}", rows),
}
PEERS = {"binomial": ["binomial", "glmmTMB"], "gaussian": ["gaussian"], "ordinal": ["ordinal"]}
PACKAGE = {"binomial": "lme4", "gaussian": "lme4", "ordinal": "ordinal", "glmmTMB": "glmmTMB"}


def made_up(readers: int, cases: int, seed: int = 1) -> pd.DataFrame:
    """Crossed readings: every reader reads every case of three sources and two findings."""
    generator = np.random.default_rng(seed)
    case, reader = np.meshgrid(np.arange(cases), np.arange(readers))
    case, reader = case.ravel(), reader.ravel()
    rows = pd.DataFrame({"reader": reader, "case": case}).map(lambda i: f"n{i:05d}")
    rows["source"] = np.array(["diffusion", "gan", "real"])[case % 3]
    rows["finding"] = np.array(["atelectasis", "effusion"])[case // 3 % 2]
    eta = 0.4 + 0.5 * (case % 3 == 1) - 0.3 * (case // 3 % 2) + 0.4 * ((case % 3 == 2) & (case // 3 % 2 == 1))
    eta = eta + generator.normal(0, 0.7, readers)[reader] + generator.normal(0, 1.0, cases)[case]
    rows["correct"] = generator.binomial(1, expit(eta))
    latent = eta + generator.logistic(size=len(rows))
    rows["rating"] = np.searchsorted([-2.0, -0.5, 0.5, 2.0], latent) - 2
    rows["log_time"] = 2 + 0.3 * eta + generator.normal(0, 0.5, len(rows))
    return rows


@cache
def r_packages() -> frozenset[str]:
    """Names of the packages that R has; empty without Rscript."""
    if not shutil.which("Rscript"):
        return frozenset()
    listed = ["Rscript", "-e", "cat(rownames(installed.packages()))"]
    return frozenset(subprocess.run(listed, capture_output=True, text=True, check=True).stdout.split())


def in_r(path: Path, kind: str) -> tuple[float, float, dict[str, float]]:
    script = Path(__file__).with_suffix(".R")
    done = subprocess.run(["Rscript", script, path, kind], capture_output=True, text=True, check=True)
    table = pd.read_csv(io.StringIO(done.stdout))
    return table["seconds"][0], table["log_likelihood"][0], dict(zip(table["term"], table["estimate"], strict=True))


def compare(kind: str, rows: pd.DataFrame, path: Path, repeats: int) -> list[dict]:
    own, theirs = [], {peer: [] for peer in PEERS[kind] if PACKAGE[peer] in r_packages()}
    for _ in range(repeats):
        start = time.perf_counter()
        found = OURS[kind](rows)
        own.append(time.perf_counter() - start)
        for peer in theirs:
            theirs[peer].append(in_r(path, peer))
    if not theirs:
        return [{"model": kind, "peer": "R lacks it", "rows": len(rows), "seconds": float(np.median(own))}]
    lines = []
    for peer, runs in theirs.items():
        seconds = float(np.median([run[0] for run in runs]))
        apart = np.abs(found.fixed["estimate"].to_numpy() - np.array(list(runs[0][2].values()))).max()
        line = {"model": kind, "peer": PACKAGE[peer], "rows": len(rows), "seconds": float(np.median(own))}
        line |= {"peer_seconds": seconds, "ratio": seconds / line["seconds"], "largest_difference": apart}
        lines.append(line | {"log_likelihood_above_peer": found.log_likelihood - runs[0][1]})
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--models", nargs="+", default=list(OURS), choices=list(OURS))
    chosen = parser.parse_args()
    rows = made_up(chosen.readers, chosen.cases)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "readings.csv"
        rows.to_csv(path, index=False)
        lines = [line for kind in chosen.models for line in compare(kind, rows, path, chosen.repeats)]
    print(pd.DataFrame(lines).to_string(index=False, float_format="{:.4g}".format))


if __name__ == "__main__":
    main()
