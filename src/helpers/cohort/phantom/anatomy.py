"""Layout of the chest: thoracic cavity, mediastinum and heart, diaphragm, airways, as depths in cm along each ray."""

import math
from dataclasses import dataclass

import numpy as np

from helpers.cohort.phantom.body import Body, build_body
from helpers.cohort.phantom.grid import Grid, curve
from helpers.cohort.phantom.patient import Patient

AP_MAGNIFICATION = 1.06  # of the heart relative to the thorax, bedside AP compared with PA


@dataclass(frozen=True)
class Chest:
    """Geometry of one chest. x and y are cm from the midline (right of the image positive) and from the lung apex.

    Arrays are float32: x, dome, lung, depth and air (n, n); y, lateral, right and left (n, 1); thorax and heart
    bool (n, n).
    """

    patient: Patient
    x: np.ndarray
    y: np.ndarray
    lateral: np.ndarray  # half the inner width of the thorax at each row
    right: np.ndarray  # x of the right border of the mediastinum and heart
    left: np.ndarray  # x of their left border
    dome: np.ndarray  # y of the diaphragm
    lung: np.ndarray  # depth of lung, cm
    depth: np.ndarray  # of the whole body, cm
    body: Body
    air: np.ndarray  # trachea, bronchi, stomach and bowel gas, cm
    thorax: np.ndarray
    heart: np.ndarray
    shift: float  # of the mediastinum from the midline, cm
    crowding: tuple[float, float]  # of the vessels, right and left: 1 usual, more if the lung has lost volume


def build_chest(grid: Grid, patient: Patient, ctr: float, loss: tuple[float, float, float], dice: list[float]) -> Chest:
    """Lay out a chest.

    ``ctr`` is the cardiothoracic ratio as imaged; ``loss`` is the rise of the right and left hemidiaphragm and the
    shift of the mediastinum (cm); ``dice`` (24,) in 0..1 sets the remaining variation between people.
    """
    y = grid.down * np.float32(patient.field) - np.float32(patient.top)
    lean = math.tan(math.radians(patient.tilt)) * (y - 0.6 * patient.height)
    x = (grid.across * np.float32(patient.field) - np.float32(patient.offset) + lean).astype(np.float32)
    turn = math.sin(math.radians(patient.rotation))
    shift = float(loss[2] + 6.0 * turn)
    crowding = (1 + 0.16 * float(loss[0]), 1 + 0.16 * float(loss[1]))
    lateral = _lateral_wall(y / patient.height) * np.float32(patient.width)
    right, left = _silhouette(y / patient.height, patient, ctr, shift, dice)
    dome = _diaphragm(x, patient, loss, dice)
    lung, thorax, heart = _lungs(x, y, lateral, right, left, dome, patient)
    body = build_body(x, y, patient, dice)
    depth = np.maximum(body.depth, lung + np.float32(3) * (lung > 0))
    air = _airway(x, y, patient, shift) + _gas(x, y, dome, patient, dice)
    return Chest(patient, x, y, lateral, right, left, dome, lung, depth, body, air, thorax, heart, shift, crowding)


def _lateral_wall(q: np.ndarray) -> np.ndarray:
    knots = (-0.06, 0.0, 0.008, 0.03, 0.06, 0.10, 0.20, 0.35, 0.55, 0.80, 1.00, 1.30)
    return curve(q, knots, (0.18, 0.335, 0.40, 0.475, 0.545, 0.62, 0.765, 0.89, 0.96, 1.0, 0.995, 0.95))


def _silhouette(q, patient: Patient, ctr: float, shift: float, dice: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Right and left border of the mediastinum (cm); their widest points are ``ctr`` times the thoracic width apart."""
    total = 2 * patient.width * ctr
    share = 0.30 + 0.08 * dice[0]
    to_right, to_left, s = share * total, (1 - share) * total, patient.scale
    apex, broad = 0.33 * patient.width, s * (1 + 0.30 * patient.habitus + 0.10 * (patient.view == "AP"))
    round_ = np.clip((ctr - 0.42) / 0.25, 0, 1)
    right = curve(
        q,
        (-0.1, 0.0, 0.012, 0.08, 0.20, 0.40, 0.50, 0.68, 0.84, 1.05, 1.25),
        (apex, apex, 0.8 * apex, 2.5 * broad, 2.15 * broad, min(2.3 * broad, to_right))
        + (min(max(2.4 * broad, 0.66 * to_right), to_right), to_right)
        + (0.92 * to_right, 0.62 * to_right, 0.3 * to_right),
    )
    knob = (3.0 + 0.9 * dice[1] + 0.012 * (patient.age - 50)) * s
    waist = (0.78 + 0.12 * dice[19]) * knob
    left = curve(
        q,
        (-0.1, 0.0, 0.012, 0.08, 0.18, 0.275, 0.345, 0.41, 0.50, 0.62, 0.75, 0.89, 1.02, 1.14, 1.30),
        (apex, apex, 0.8 * apex, 2.6 * broad, 2.2 * broad, knob, waist, (2.7 + 0.8 * dice[2]) * s)
        + (max(0.43 + 0.06 * round_, 0.38) * to_left, (0.63 + 0.08 * round_) * to_left)
        + ((0.84 + 0.06 * round_) * to_left, to_left, 0.93 * to_left, 0.66 * to_left, 0.3 * to_left),
    )
    follow = np.float32(shift) * curve(q, (-0.05, 0.25), (0.0, 1.0))
    return -right + follow, left + follow


def _diaphragm(x, patient: Patient, loss, dice: list[float]) -> np.ndarray:
    """Height (y, cm) of the diaphragm at each x: two domes, steep toward the wall, gentle toward the heart."""
    top_right = patient.height - loss[0]
    top_left = patient.height + (0.4 + 1.1 * dice[3]) * patient.scale - loss[1]
    flat = 1.0 - 0.35 * min(max(patient.inspiration - 0.95, 0), 0.15) / 0.15
    middle = (0.42 + 0.10 * dice[4]) * patient.width
    out = (np.abs(x) - middle) / (patient.width - middle)
    outer = np.clip(out, 0, 1.2)
    lateral = (2.3 * flat + 1.4 + 0.8 * dice[5]) * patient.scale * outer * outer * (0.7 + 0.3 * outer)
    medial = 1.7 * patient.scale * np.clip(-out, 0, 1) ** 2
    height = np.where(x > 0, np.float32(top_left), np.float32(top_right))
    raised = np.where(x > 0, np.float32(loss[1]), np.float32(loss[0])) * np.clip(out, 0, 1) ** 2
    return (height + lateral + medial + raised).astype(np.float32)


def _lungs(x, y, lateral, right, left, dome, patient: Patient):
    """Depth of lung (cm) and the masks of thorax and heart: the cavity minus the structures in its middle."""
    q = y / patient.height
    depth = curve(q, (-0.02, 0.02, 0.08, 0.2, 0.4, 0.7), (3.5, 6.0, 8.5, 11.5, 14.5, 16.0)) * np.float32(patient.scale)
    wall = np.abs(x) / np.maximum(lateral, 0.1)
    cavity = depth * np.sqrt(np.clip(1 - wall * wall * (0.4 + 0.6 * wall), 0, 1))
    above = dome - y  # cm over the diaphragm
    recess = 0.20 * np.clip(1 + above / 5.0, 0, 1)  # lung behind the dome, in the posterior recess
    over = np.clip(above / 0.25 + 0.5, 0, 1) * (0.52 + 0.48 * np.sqrt(np.clip(above / 7.0, 0, 1)))
    filled = recess + (1 - recess) * over
    centre, half = (left + right) / 2, (left - right) / 2
    across = np.abs((x - centre) / half)
    part = curve(q, (0.05, 0.3, 0.5, 0.9), (0.92, 0.88, 0.84, 0.82))  # fraction of the depth that the mediastinum fills
    middle = np.sqrt(np.clip(1 - across * across * across, 0, 1))
    spine = np.exp(-np.square(np.square((x - centre * 0.3) / (2.6 * patient.scale))))
    aorta = np.sqrt(np.clip(1 - ((x - centre * 0.3 - 1.3 * patient.scale) / (1.35 * patient.scale)) ** 2, 0, 1))
    behind = (1 - part * middle) * (1 - 0.8 * spine) * (1 - 0.35 * aorta * np.clip((q - 0.24) / 0.04, 0, 1))
    lung = (cavity * filled * behind * _apex(q, x, lateral, left, right)).astype(np.float32)
    thorax = (wall < 1) & (above > 0) & (y > 0)
    heart = (across < 1) & (q > 0.44) & (y < dome + 1.5)
    return lung, thorax, heart


def _apex(q, x, lateral, left, right) -> np.ndarray:
    """Factor in 0..1 that rounds off the lungs toward the mediastinum near their apices."""
    inner = np.where(x > 0, left, -right)
    middle, half = (lateral + inner) / 2, np.maximum((lateral - inner) / 2, 0.05)
    off = np.abs((np.abs(x) - middle) / half)
    dome = np.sqrt(np.clip(1 - off * off * (0.5 + 0.5 * off), 0, 1))
    return dome + (1 - dome) * np.clip(q / 0.30, 0, 1)


def _airway(x, y, patient: Patient, shift: float) -> np.ndarray:
    """Depth of air (cm) in the trachea and main bronchi."""
    carina = 0.33 * patient.height
    middle = np.float32(shift) * curve(y / carina, (0.0, 1.0), (0.2, 1.0))
    half = 0.85 * patient.scale
    trachea = 1.5 * np.sqrt(np.clip(1 - ((x - middle) / half) ** 2, 0, 1)) * np.clip((carina + 0.6 - y) / 1.2, 0, 1)
    branch = np.zeros_like(trachea)
    for slope, length in ((0.62, 2.6), (1.0, 4.2)):
        sign = -1 if slope < 1 else 1
        below = y - carina + 0.2
        place = (x - middle) - sign * slope * below
        inside = np.clip(1 - (place / (0.9 * half)) ** 2, 0, 1) * (below > 0) * np.clip((length - below) / 1.5, 0, 1)
        branch = np.maximum(branch, 1.0 * np.sqrt(inside))
    return np.maximum(trachea, branch)


def _gas(x, y, dome, patient: Patient, dice: list[float]) -> np.ndarray:
    """Depth of gas (cm) in the stomach under the left dome and in the bowel."""
    s, total = patient.scale, np.zeros_like(x)
    if dice[11] < 0.65:
        wide, tall = (2.0 + 2.2 * dice[12]) * s, (0.8 + 1.4 * dice[13]) * s
        column = (0.36 + 0.22 * dice[14]) * patient.width
        level = patient.height + 2.2 * s + 1.6 * tall  # gas over fluid
        roof = np.clip((y - dome - 0.7) / 0.5, 0, 1) * np.clip((level - y) / 0.7, 0, 1)
        total = 2.6 * s * np.sqrt(np.clip(1 - ((x - column) / wide) ** 2, 0, 1)) * roof
    if dice[15] < 0.5:
        column, row = (0.1 + 0.7 * dice[16]) * patient.width, patient.height + (6 + 3 * dice[17]) * s
        away = ((x - column) / (1.4 + dice[18])) ** 2 + ((y - row) / 1.1) ** 2
        total = np.maximum(total, 1.5 * np.sqrt(np.clip(1 - away, 0, 1)) * (y > dome + 2))
    return total
