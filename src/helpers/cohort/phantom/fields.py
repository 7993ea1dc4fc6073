"""Random texture: fields with a power-law spectrum, the same field at every image size."""

from functools import lru_cache

import numpy as np
from scipy.fft import ifft2

FINEST = 48  # cycles per image side; finer detail is left to vessels and noise


@lru_cache(maxsize=16)
def _waves(n: int, coarsest: float, slope: float) -> np.ndarray:
    """Factors that turn unit normal numbers into waves, complex (2 FINEST + 1, 2 FINEST + 1).

    Amplitudes give the real part of the field unit variance; phases put waves at pixel centres, not at corners.
    """
    waves = np.arange(-FINEST, FINEST + 1, dtype=np.float64)
    radius = np.hypot(waves[:, None], waves[None, :])
    power = np.where(radius < 1, 0, np.maximum(radius, coarsest) ** slope) * (radius <= FINEST)
    power *= np.clip(radius / coarsest, 0, 1) ** 2
    phase = np.exp(1j * np.pi * (waves[:, None] + waves[None, :]) / n)
    return (np.sqrt(power / power.sum()) * phase).astype(np.complex64)


def texture_pair(generator: np.random.Generator, n: int, coarsest: float, slope: float) -> tuple:
    """Two independent Gaussian fields of unit variance, each float32 (n, n); n above 2 FINEST.

    From ``coarsest`` cycles per side upward, power falls as frequency to the power ``slope`` (negative). The random
    numbers do not depend on n, so one seed gives the same field at every size.
    """
    side = 2 * FINEST + 1
    drawn = generator.standard_normal((2, side, side), dtype=np.float32)
    spectrum = np.zeros((n, n), dtype=np.complex64)
    places = np.arange(-FINEST, FINEST + 1) % n
    spectrum[np.ix_(places, places)] = (drawn[0] + 1j * drawn[1]) * _waves(n, coarsest, slope)
    field = ifft2(spectrum, norm="forward", overwrite_x=True)
    return np.ascontiguousarray(field.real), np.ascontiguousarray(field.imag)
