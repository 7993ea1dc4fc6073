"""How depths of tissue become a displayed radiograph: attenuation, scatter, blur, noise, display processing."""

import numpy as np

from helpers.cohort.phantom.grid import Grid, blur, wide_blur
from helpers.cohort.phantom.patient import Patient

# Linear attenuation, 1/cm, at an effective energy of 60 keV (a filtered 110 to 125 kVp chest beam): the mass
# attenuation coefficients of NIST (Hubbell and Seltzer, NISTIR 5632, tables 3 and 4; XCOM) times density.
ATTENUATION = {
    "lung": 0.2053 * 0.26,
    "soft": 0.2048 * 1.06,
    "fat": 0.1974 * 0.95,
    "bone": 0.3148 * 1.92,
    "metal": 1.205 * 7.874,
    "air": 0.1875 * 0.001205,
}
FOCUS_AND_DETECTOR_BLUR = 0.030 / 40.0  # Gaussian sigma, as a fraction of a 40 cm field: 0.3 mm
SCATTER_SPREAD = 3.0 / 40.0  # Gaussian sigma, 3 cm
# Scatter-to-primary ratio per unit of attenuation, with and without an anti-scatter grid: about 0.4 and 0.8 over the
# lungs, 1.2 and 2.3 over the mediastinum.
SCATTER_PER_ATTENUATION = {"PA": 0.22, "AP": 0.42}
PHOTONS = 3e5  # per mm^2 behind air at usual exposure


def line_integral(depths: dict[str, np.ndarray]) -> np.ndarray:
    """Attenuation along each ray, dimensionless: sum of depth (cm) times linear attenuation (1/cm)."""
    return sum(np.float32(ATTENUATION[name]) * depth for name, depth in depths.items())


def expose(grid: Grid, attenuation: np.ndarray, patient: Patient, generator: np.random.Generator) -> np.ndarray:
    """Detector signal relative to air, float32 (size, size): Beer-Lambert, scatter, blur, quantum noise."""
    primary = np.exp(-attenuation)
    # Scatter from a point grows with the attenuation there and spreads around it as a wide haze.
    scatter = wide_blur(primary * attenuation, SCATTER_SPREAD) * np.float32(SCATTER_PER_ATTENUATION[patient.view])
    signal = grid.shrink(blur(primary + scatter * np.clip(attenuation, 0, 1), FOCUS_AND_DETECTOR_BLUR))
    area = (10.0 * patient.field / grid.size) ** 2
    quanta = PHOTONS * patient.exposure * area
    # Electronics and film grain add noise even to small images, whose pixels each collect many quanta.
    deviation = np.sqrt(signal / quanta + (0.006 * signal) ** 2)
    noise = generator.standard_normal((grid.size, grid.size), dtype=np.float32)
    return np.maximum(signal + deviation * noise, np.float32(1e-4))


def display(signal: np.ndarray, dice: list[float], equalization: float | None = None) -> np.ndarray:
    """Displayed gray values in 0..1, bone bright: log, frequency processing, window, curve, histogram equalisation.

    ``dice`` (8,) in 0..1 sets the processing, which differs between machines. ``equalization`` is the weight of
    the equalised image in the shown one: None draws 0 to 0.3, 1 equalises fully, as in all of MIMIC-CXR-JPG.
    """
    density = -np.log(signal)
    slow = wide_blur(density, 0.07)
    shown = slow * (0.88 + 0.12 * dice[0]) + (density - slow) * (1.10 + 0.40 * dice[1])
    low = -0.35 + 1.0 * dice[2]  # below 0 the air around the body is not quite black
    high = np.percentile(shown, 98.5) * (1.0 + 0.40 * dice[3] ** 2)
    level = np.clip((shown - low) / max(high - low, 0.5), 0, 1)
    level = level ** np.float32(0.72 + 0.60 * dice[4])
    part = np.float32(0.30 * dice[5] if equalization is None else equalization)
    return np.clip((1 - part) * level + part * equalized(level), 0, 1).astype(np.float32)


def equalized(level: np.ndarray) -> np.ndarray:
    """Histogram equalisation of gray values in 0..1 at 256 levels.

    Every level becomes the share of pixels at or below it, and the darkest level becomes 0 (the rule of OpenCV's
    ``equalizeHist``, used for MIMIC-CXR-JPG).
    """
    steps = (level * 255).astype(np.int64)
    share = np.cumsum(np.bincount(steps.ravel(), minlength=256)) / level.size
    darkest = share[steps.min()]
    return ((share - darkest) / max(1 - darkest, 1e-6)).astype(np.float32)[steps]


def collimate(image: np.ndarray, patient: Patient, dice: list[float]) -> np.ndarray:
    """Add black borders, slightly askew, where the collimator's blades or the edge of the plate cut off the field."""
    left, right, top, bottom = patient.collimation
    if max(patient.collimation) <= 0:
        return image
    place = (np.arange(image.shape[0], dtype=np.float32) + 0.5) / image.shape[0]
    across, down = place[None, :], place[:, None]
    skew = np.float32(0.05 * (dice[6] - 0.5))
    edges = (across - left + skew * (down - 0.5), 1 - across - right - skew * (down - 0.5))
    edges += (down - top + skew * (across - 0.5), 1 - down - bottom - skew * (across - 0.5))
    open_ = np.ones_like(image)
    for border, edge in zip(patient.collimation, edges, strict=True):
        if border > 0:
            open_ = open_ * np.clip(edge * image.shape[0] + 0.5, 0, 1)
    return image * open_
