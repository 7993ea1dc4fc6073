"""Variance components of a study, from which the next one is planned (``sample_size``)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.mrmc.estimates import Estimates, area_estimates
from helpers.stats.mrmc.obuchowski_rockette import analyse

APART = "the pilot's treatments share no cases: planned as if the next study's did not either"


@dataclass(frozen=True)
class Pilot:
    """Variance components of a figure of merit in a study whose readers read ``cases`` cases of each treatment."""

    cases: float
    error: float
    cov1: float
    cov2: float
    cov3: float
    treatment_reader: float
    reader: float = 0.0
    note: str = ""

    @property
    def shared(self) -> float:
        """Cov2 - Cov3, at least 0."""
        return max(self.cov2 - self.cov3, 0.0)


def pilot(estimates: Estimates) -> Pilot:
    """Variance components of a study, from ``area_estimates`` or any other figure of merit.

    Negative variances of readers are taken as zero. Raises StatisticsError for fewer than two treatments or readers,
    and if their values have no variance.

    >>> values = np.array([[0.90, 0.80, 0.85], [0.86, 0.88, 0.87]])
    >>> error = 0.001 * np.eye(6).reshape(2, 3, 2, 3)  # no case is shared
    >>> known = pilot(Estimates(("film", "screen"), ("a", "b", "c"), values, error, 100, (50, 50)))
    >>> known.cases, round(known.error, 4), round(known.treatment_reader, 5)  # MS(TR) 0.0018 less the error
    (50.0, 0.001, 0.0008)
    """
    if min(estimates.values.shape) < 2:
        raise StatisticsError(
            f"a pilot needs two treatments and two readers, not {len(estimates.treatments)} and "
            f"{len(estimates.readers)}; give the components of a published study as a Pilot"
        )
    found = analyse(estimates).components.set_index("component")["value"]
    if not found["Var(Err)"] > 0:
        raise StatisticsError("the pilot's values do not vary, or one reader has a single case: nothing to plan from")
    cov1, cov2, cov3 = found[["Cov1", "Cov2", "Cov3"]]
    interaction = found["MS(TR)"] - found["Var(Err)"] + cov1 + max(cov2 - cov3, 0.0)
    note = APART if cov1 == 0 and cov3 == 0 else ""
    parts = (found["Var(Err)"], cov1, cov2, cov3, max(interaction, 0.0), max(found["Var(R)"], 0.0))
    return Pilot(float(np.mean(estimates.cases_of)), *map(float, parts), note)


def pilot_of_areas(ratings: pd.DataFrame | None, treatments: list[str]) -> Pilot:
    """``pilot`` of the areas under the ROC curve of these sources; raises StatisticsError if there are no ratings."""
    if ratings is None:
        raise StatisticsError("nobody read the conditionality task, so there is no AUC")
    return pilot(area_estimates(ratings[ratings["source"].isin(treatments)]))
