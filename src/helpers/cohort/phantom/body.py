"""The body around the thorax: trunk, neck, shoulders, arms and breasts, as depths in cm along each ray."""

import math
from dataclasses import dataclass

import numpy as np

from helpers.cohort.phantom.grid import curve, curve_map
from helpers.cohort.phantom.patient import Patient

# Upper edge of the trunk: cm from the midline, and cm below the lung apex.
SHOULDER_LINE = ((4.2, 5.6, 7.5, 11, 15.5, 18.5, 20), (-14, -8.2, -5.2, -3.2, -1.7, 0.2, 4))
SHOULDER = (17.4, 3.4)  # the joint: cm from the midline and below the lung apex, in an average man


@dataclass(frozen=True)
class Body:
    """Maps of the body, each (n, n) in cm.

    ``depth`` of the body and ``fat`` in it; ``down_arm`` along the upper arm from the shoulder joint, ``off_arm``
    across it.
    """

    depth: np.ndarray
    fat: np.ndarray
    down_arm: np.ndarray
    off_arm: np.ndarray


def build_body(x: np.ndarray, y: np.ndarray, patient: Patient, dice: list[float]) -> Body:
    """Lay out the body on maps of x (n, n) and y (n, 1), cm; ``dice`` (24,) in 0..1."""
    s, habitus = patient.scale, patient.habitus
    side = np.abs(x)
    fall = s * (0.8 * (dice[6] - 0.5) - 0.6 * habitus)  # how the shoulders slope
    wall = s * (2.0 + 3.4 * habitus)  # muscle and fat outside the ribs
    trunk, neck = _trunk(side, y, patient, wall, fall), _neck(side, y, patient)
    down_arm, off_arm = _arm_frame(side, y, x, patient, dice)
    radius = s * (4.5 + 1.9 * habitus - 0.5 * (patient.sex == "F")) * (1.16 - 0.03 * np.clip(down_arm, 0, 8))
    reach = np.square(off_arm) + np.square(np.minimum(down_arm, 0) * 1.15)
    arm = np.float32(2.0) * np.sqrt(np.maximum(np.square(radius) - reach, 0))
    breast = _breasts(side, x, y, patient, dice)
    depth = np.maximum(np.maximum(trunk, neck), arm)
    skin = np.minimum(depth * 0.16, 1) * (s * (1.1 + 5.2 * habitus))
    breast_over = breast * np.clip(0.35 + depth * 0.3, 0, 1)  # a breast beyond the trunk's edge is seen edge-on
    return Body((depth + breast_over).astype(np.float32), skin + 0.7 * breast_over, down_arm, off_arm)


def _trunk(side, y, patient: Patient, wall: float, fall: float) -> np.ndarray:
    s, height, habitus = patient.scale, patient.height, patient.habitus
    flank = patient.width + wall
    belly = 0.7 * s + (0.5 + 2.6 * habitus) * s
    half = curve(
        y,
        (0.0, 5.5 * s, 9.5 * s, 14 * s, 0.95 * height, 1.5 * height),
        (17.9 * s, 17.6 * s, max(flank + 0.9 * s, 15.8 * s), flank + 0.7 * s, flank, flank + 0.4 * belly),
    )
    thick = s * (19.5 + 7.0 * habitus) * (1 + (0.05 + 0.14 * habitus) * np.clip(y / height - 0.75, 0, 0.45))
    round_ = np.sqrt(np.clip(1 - np.square(np.square(side / half)), 0, 1))
    slope = curve_map(side * np.float32(1 / s), *SHOULDER_LINE)
    below = np.maximum(y - (slope * np.float32(s) + fall), 0)
    return thick * round_ * np.sqrt(np.minimum(below * np.float32(0.115), 1))


def _neck(side, y, patient: Patient) -> np.ndarray:
    s = patient.scale
    half = s * (5.0 + 1.5 * patient.habitus + 1.6 * np.exp(np.clip((y + 4.0) / 2.2, -9, 1.2)))
    round_ = np.clip(1 - np.square(side / half), 0, 1) ** np.float32(0.75)
    return (10.8 + 2.2 * patient.habitus) * s * round_ * np.clip((6 - y) / 6, 0, 1)


def _arm_frame(side, y, x, patient: Patient, dice: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Distances along and across the arms, held away from the chest (PA, standing) or beside it (AP, in bed)."""
    if patient.view == "PA":
        spread, differ = 24 + 42 * dice[7], 10 * (dice[20] - 0.5)
    else:
        spread, differ = 3 + 15 * dice[7], 10 * (dice[20] - 0.5)
    right, left = (math.radians(max(spread + sign * differ, 2.0)) for sign in (-1, 1))
    sine = np.where(x > 0, np.float32(math.sin(left)), np.float32(math.sin(right)))
    cosine = np.where(x > 0, np.float32(math.cos(left)), np.float32(math.cos(right)))
    out, below = side - np.float32(SHOULDER[0] * patient.scale), y - np.float32(SHOULDER[1] * patient.scale)
    return out * sine + below * cosine, out * cosine - below * sine


def _breasts(side, x, y, patient: Patient, dice: list[float]) -> np.ndarray:
    """Breast (female) or pectoral (male) shadow, cm: a dome with a clear lower margin that fades upward."""
    s, female = patient.scale, patient.sex == "F"
    size = (0.25 + 0.55 * dice[8] + 0.75 * patient.habitus) if female else (0.05 + 0.30 * patient.habitus)
    sag = size * (0.6 + 0.4 * (patient.view == "PA")) if female else 0.0
    row = patient.height * ((0.66 + 0.12 * dice[9] + 0.10 * sag) if female else 0.42)
    column = (0.60 + 0.10 * dice[10] + 0.10 * size * female) * patient.width
    wide, low = (4.8 + 2.6 * size) * s, (3.0 + 3.2 * size) * s
    uneven = np.where(x > 0, np.float32(1.0), np.float32(1.0 + 0.16 * (dice[21] - 0.5)))
    below = (y - row) * uneven
    away = np.square((side - column) * np.float32(1 / wide))
    away = away + np.square(np.maximum(below, 0) * (1 / low)) + np.square(np.minimum(below, 0) * (1 / (2.1 * low)))
    dome = np.sqrt(np.maximum(1 - away, 0))
    fade = np.clip(1 + below / (1.9 * low), 0, 1)
    return (3.5 if female else 2.0) * size * s * dome * fade
