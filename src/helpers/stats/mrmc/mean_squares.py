"""Mean squares and covariances of figures of merit, by treatment and reader (Obuchowski and Rockette 1995)."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.stats.crossed import THESE
from helpers.stats.mrmc.covariance import rounded

THESE_CASES = "these cases"
_ROUNDING = 1e-24  # a mean square of areas this small is rounding error


@dataclass(frozen=True)
class MeanSquares:
    """Mean squares of ``areas`` (t, r) with ``covariance`` (t, r, t, r); NaN without degrees of freedom."""

    areas: np.ndarray
    covariance: np.ndarray

    @property
    def size(self) -> tuple[int, int]:
        """Numbers of treatments and readers."""
        return self.areas.shape

    @property
    def mean_square_treatment(self) -> float:
        """MS(T)."""
        return _square(self.size[1] * self.areas.mean(axis=1).var(ddof=1)) if self.size[0] > 1 else np.nan

    @property
    def mean_square_reader(self) -> float:
        """MS(R)."""
        return _square(self.size[0] * self.areas.mean(axis=0).var(ddof=1)) if self.size[1] > 1 else np.nan

    @property
    def mean_square_interaction(self) -> float:
        """MS(TR)."""
        if min(self.size) < 2:
            return np.nan
        rest = self.areas - self.areas.mean(axis=0) - self.areas.mean(axis=1, keepdims=True) + self.areas.mean()
        return _square((rest**2).sum() / np.prod(np.subtract(self.size, 1)))

    def mean_covariance(self, same_treatment: bool, same_reader: bool) -> float:
        """Mean covariance over pairs with the same or different treatments and readers; 0 if there is none."""
        treatment = np.eye(self.size[0], dtype=bool) == same_treatment
        reader = np.eye(self.size[1], dtype=bool) == same_reader
        chosen = self.covariance.transpose(0, 2, 1, 3)[treatment][:, reader]
        return float(chosen.mean()) if chosen.size else 0.0

    @property
    def error(self) -> float:
        """Var(Err): mean variance of an area."""
        return self.mean_covariance(True, True)

    @property
    def shared(self) -> float:
        """Cov2 - Cov3: covariance of two readers on one treatment beyond that on different treatments."""
        return float(rounded(self.mean_covariance(True, False) - self.mean_covariance(False, False)))

    def denominator(self, conclusion: str) -> tuple[float, float]:
        """Expected mean square of treatments if they do not differ, and its degrees of freedom."""
        treatments, readers = self.size
        interaction = self.mean_square_interaction
        degrees = float((treatments - 1) * (readers - 1))
        if conclusion == THESE:
            bounded = max(self.shared, 0.0) if not np.isnan(self.shared) else np.nan
            return float(rounded(self.error - self.mean_covariance(False, True))) + (readers - 1) * bounded, np.inf
        if conclusion == THESE_CASES:
            return interaction, degrees
        return hillis_degrees(interaction, readers * self.shared, degrees)

    def components(self) -> pd.DataFrame:
        """Obuchowski and Rockette's mean squares, variances and covariances: component, value."""
        cov1, cov2, cov3 = (self.mean_covariance(*same) for same in ((False, True), (True, False), (False, False)))
        between, interaction = self.mean_square_reader, self.mean_square_interaction
        values = {
            "MS(T)": self.mean_square_treatment,
            "MS(R)": between,
            "MS(TR)": interaction,
            "Var(R)": (between - interaction) / self.size[0] - cov1 + cov3,
            "Var(TR)": interaction - self.error + cov1 + cov2 - cov3,
            "Cov1": cov1,
            "Cov2": cov2,
            "Cov3": cov3,
            "Var(Err)": self.error,
        }
        return pd.DataFrame({"component": list(values), "value": list(values.values())})


def _square(mean_square: float) -> float:
    """The mean square of areas, zero if it is only rounding error."""
    return float(mean_square) if mean_square > _ROUNDING else 0.0


def hillis_degrees(between: float, shared: float, degrees: float) -> tuple[float, float]:
    """A mean square of readers plus the part of the cases if positive, and Hillis' degrees of freedom."""
    total = between + (max(shared, 0.0) if not np.isnan(shared) else np.nan)
    return total, degrees * (total / between) ** 2 if between > 0 else np.inf
