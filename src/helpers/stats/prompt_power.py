"""Power of a study whose images were generated from prompts: readers, templates and images are samples.

Variances are those of ``prompt_effect``; the test is Student's of the mean (or of a difference of two sources), with
Satterthwaite's degrees of freedom over the mean squares of readers, templates and readers x templates.
"""

from dataclasses import astuple

import numpy as np
import pandas as pd
from scipy.special import stdtr, stdtrit
from scipy.stats import ncf

from helpers.errors import StatisticsError
from helpers.stats.prompt_effect import Components, two_way

LEVEL = 0.05  # of the test
TARGET = 0.8
MOST = 200  # templates tried


def standard_error(of: Components, readers: int, templates: int, images: int) -> tuple[float, float]:
    """Standard error of the mean over a study, and its degrees of freedom (Satterthwaite), from expected values.

    >>> of = Components(reader=0.01, template=0.015, reader_template=0.002, case=0.04, rest=0.16)
    >>> error, degrees = standard_error(of, readers=8, templates=10, images=4)
    >>> round(error**2, 6), round(0.01 / 8 + 0.015 / 10 + 0.002 / 80 + 0.04 / 40 + 0.16 / 320, 6)
    (0.004275, 0.004275)
    """
    reader, template, both = of.mean_squares(readers, templates, images)
    variance, degrees = _mean_variance(np.array([reader]), np.array([template]), np.array([both]), readers, templates)
    return float(np.sqrt(variance[0] / images)), float(degrees[0])


def power(of: Components, effect: float, readers: int, templates: int, images: int) -> float:
    """Probability that a study detects a true ``effect`` (a difference of means) at p < .05, two-sided (noncentral t).

    ``images`` of each template, of each source. Raises StatisticsError for fewer than two readers or templates.
    Expected mean squares stand in for those of a study. Compared with ``simulated_power`` (20,000 sets, variances as
    below, 4 images), this is within .01 from ten templates and eight readers up, and within .04 from three templates;
    with four readers and three to six templates it is up to .06 too high, with two templates up to .16 too low.

    >>> spread = Components(reader=0.01, template=0.015, reader_template=0.002, case=0.04, rest=0.16)
    >>> [round(power(spread, 0.15, 8, templates, images=40 // templates), 2) for templates in (4, 10, 20)]
    [0.31, 0.56, 0.67]
    """
    _check(readers, templates, images)
    error, degrees = standard_error(of, readers, templates, images)
    if error == 0:
        return float(effect != 0)
    limit = stdtrit(degrees, 1 - LEVEL / 2)
    away = max((effect / error) ** 2, 1e-12)  # at 0 scipy's noncentral F gives negative probabilities
    return float(ncf.sf(limit**2, 1, degrees, away))  # the distribution function itself is NaN for some large effects


def simulated_power(
    of: Components, effect: float, readers: int, templates: int, images: int, sets: int = 2000, seed: int = 1
) -> float:
    """``power`` by simulation: normal effects are drawn, and each set is tested with its own mean squares.

    >>> of = Components(reader=0.01, template=0.015, reader_template=0.002, case=0.04, rest=0.16)
    >>> round(simulated_power(of, 0.15, 8, 10, 4), 2), round(power(of, 0.15, 8, 10, 4), 2)
    (0.53, 0.56)
    """
    _check(readers, templates, images)
    reader, template, both, case, rest = np.sqrt(np.maximum(astuple(of), 0.0))
    generator = np.random.default_rng([seed, readers, templates, images])
    means = effect + reader * generator.normal(size=(sets, readers, 1))
    means = means + np.hypot(template, case / np.sqrt(images)) * generator.normal(size=(sets, 1, templates))
    spread = np.hypot(both, rest / np.sqrt(images))
    means = means + spread * generator.normal(size=(sets, readers, templates))
    variance, degrees = _mean_variance(*two_way(means), readers, templates)
    statistic = np.abs(means.mean(axis=(1, 2))) / np.sqrt(variance)
    return float((2 * stdtr(degrees, -statistic) < LEVEL).mean())


def templates_needed(
    of: Components, effect: float, readers: list[int], images: list[int], target: float = TARGET
) -> pd.DataFrame:
    """Fewest templates with which a study detects a true ``effect`` with power ``target``.

    One row for each number of readers and of images of a template: readers, images, templates (missing if 200 do not
    suffice), power (with them), note.

    >>> of = Components(reader=0.01, template=0.015, reader_template=0.002, case=0.04, rest=0.16)
    >>> templates_needed(of, 0.15, readers=[8, 20], images=[2, 4])[["readers", "images", "templates"]].values.tolist()
    [[8, 2, 36], [8, 4, 24], [20, 2, 19], [20, 4, 14]]
    """
    lines = []
    for count in readers:
        for each in images:
            found = _fewest(of, effect, count, each, target)
            reached = power(of, effect, count, found or MOST, each)
            note = "" if found else f"{MOST} templates give {reached:.0%}: take more readers"
            lines.append((count, each, found, reached if found else np.nan, note))
    table = pd.DataFrame(lines, columns=["readers", "images", "templates", "power", "note"])
    return table.astype({"templates": "Int64"})


def _fewest(of: Components, effect: float, readers: int, images: int, target: float) -> int | None:
    """Found by bisection, as power rises with the number of templates."""
    low, high = 1, MOST
    if power(of, effect, readers, high, images) < target:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if power(of, effect, readers, middle, images) >= target else (middle, high)
    return high


def _check(readers: int, templates: int, images: int) -> None:
    if readers < 2 or templates < 2 or images < 1:
        raise StatisticsError(f"{readers} readers, {templates} templates, {images} images: need at least 2, 2 and 1")


def _mean_variance(
    reader: np.ndarray, template: np.ndarray, both: np.ndarray, readers: int, templates: int
) -> tuple[np.ndarray, np.ndarray]:
    """Variance of the mean of a table and its degrees of freedom, from mean squares of cells; a mean square below that
    of the interaction is replaced by it."""
    squares = np.stack([np.maximum(reader, both), np.maximum(template, both), both])
    total = squares[0] + squares[1] - both
    used = np.stack([reader > both, template > both, (reader > both) == (template > both)])
    degrees = np.array([readers - 1, templates - 1, (readers - 1) * (templates - 1)])
    with np.errstate(invalid="ignore", divide="ignore"):
        freedom = total**2 / (used * squares**2 / degrees[:, None]).sum(axis=0)
    freedom = np.where(total > 0, freedom, degrees[2])
    return total / (readers * templates), np.maximum(freedom, min(degrees[:2]))
