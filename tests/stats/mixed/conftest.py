"""Small made-up readings, in which every reader sees every case, and models of them."""

import numpy as np
import pandas as pd
import pytest

from helpers.stats.mixed.glmm import fit


@pytest.fixture(scope="session")
def crossed():
    generator = np.random.default_rng(8)
    case, reader = (a.ravel() for a in np.meshgrid(np.arange(36), np.arange(7)))
    rows = pd.DataFrame({"reader": reader, "case": case}).map(lambda i: f"n{i:02d}")
    rows["source"] = np.array(["diffusion", "gan", "real"])[case % 3]
    rows["finding"] = np.array(["atelectasis", "effusion"])[case // 3 % 2]
    rows["x"] = generator.normal(size=len(rows)).round(3)
    eta = 0.3 + 0.7 * (case % 3 == 1) + 0.3 * rows["x"]
    eta = eta + generator.normal(0, 0.8, 7)[reader] + generator.normal(0, 0.9, 36)[case]
    rows["correct"] = generator.binomial(1, 1 / (1 + np.exp(-eta)))
    rows["rating"] = np.searchsorted([-2, -0.6, 0.6, 2], eta + generator.logistic(size=len(rows))) - 2
    rows["log_time"] = (2 + 0.3 * eta + generator.normal(0, 0.4, len(rows))).round(4)
    return rows


@pytest.fixture(scope="session")
def found(crossed):
    """Sources and findings with their interaction."""
    return fit("correct ~ source * finding + (1 | reader) + (1 | case)", crossed)


@pytest.fixture(scope="session")
def sloped(crossed):
    """Sources and a number whose slope differs between readers."""
    return fit("correct ~ source + x + (1 + x | reader) + (1 | case)", crossed)
