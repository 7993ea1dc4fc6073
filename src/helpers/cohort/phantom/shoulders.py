"""The shoulder girdle as cm of cortical bone along each ray: clavicles, scapulae, upper arms."""

import math

import numpy as np

from helpers.cohort.phantom.anatomy import Chest
from helpers.cohort.phantom.bones import tube
from helpers.cohort.phantom.grid import Grid, curve_map
from helpers.cohort.phantom.strokes import draw


def clavicles(chest: Chest, dice: list[float]) -> np.ndarray:
    """Both clavicles: an S-shaped bar from beside the midline up to the shoulder; rotation moves them sideways."""
    s, turn = chest.patient.scale, math.sin(math.radians(chest.patient.rotation))
    lift = (1.6 * (dice[5] - 0.5) + (0.9 if chest.patient.view == "AP" else 0.0)) * s
    side = np.abs(chest.x - np.float32(8.0 * turn)) * np.float32(1 / s)
    line = curve_map(side, (1.3, 3.5, 7.0, 11.0, 14.5, 17.6), (3.7, 3.2, 2.0, 0.5, -0.1, 0.3)) * s - lift
    half = curve_map(side, (1.3, 2.2, 4.5, 9.0, 13.5, 17.6), (1.15, 1.0, 0.66, 0.55, 0.72, 0.80)) * s
    ends = np.clip((side - 1.3) * 2, 0, 1) * np.clip((17.6 - side) * 1.5, 0, 1)
    return np.float32(1.9 * s) * tube((chest.y - line) / half, 0.26) * ends


def upper_arms(chest: Chest) -> np.ndarray:
    """Humeral heads and shafts, along the arms of the body."""
    s, down, off = chest.patient.scale, chest.body.down_arm, chest.body.off_arm
    away = np.square(down - 0.2 * s) + np.square(off + 0.1 * s)
    ball = np.sqrt(np.maximum(1 - away * np.float32(1 / (2.5 * s) ** 2), 0))
    half = np.float32(s) * (1.15 + 0.9 * np.clip(1 - (down - 1.0) * 0.3, 0, 1))
    shaft = tube(off / half, 0.30) * np.clip((down - 0.5) * 0.7, 0, 1)
    rim = np.clip(ball * 6, 0, 1) * (1 - ball)  # cortical bone shows where it is seen edge-on
    return np.float32(1.5 * s) * np.maximum(shaft, 0.36 * ball + 0.35 * rim)


def shoulder_blades(chest: Chest, grid: Grid, dice: list[float]) -> np.ndarray:
    """Scapulae: a thin blade with dense borders, spine, acromion and coracoid; over the lungs in bedside views."""
    patient = chest.patient
    s = patient.scale
    out = (-0.6 if patient.view == "AP" else 0.9) + 1.4 * (dice[6] - 0.5)
    upper, lower = (9.2 + 0.8 * out, 0.6), (11.2 + 1.5 * out, 14.2)
    socket, acromion = (15.3 + 0.3 * out, 3.4), (18.6, -0.1)
    side, y = np.abs(chest.x) * np.float32(1 / s), chest.y * np.float32(1 / s)
    blade = _inside(side, y, upper, lower) * _inside(side, y, lower, socket) * _inside(side, y, socket, upper)
    edges = (
        ([lower, (0.5 * (lower[0] + socket[0]) + 0.2, 8.4), (socket[0] - 0.2, 5.4)], 0.62),
        ([upper, (upper[0] - 0.1, 4.5), lower], 0.16),
        ([(upper[0] + 0.3, 3.4), (13.4, 1.9), (16.2, 0.4), acromion], 0.55),
        ([(16.6, 0.6), (18.0, 0.9), acromion], 0.45),
        ([(socket[0] - 0.1, 2.2), (socket[0] + 0.25, 3.4), (socket[0] - 0.1, 4.9)], 0.42),
        ([(socket[0] - 1.2, 2.2), (socket[0] - 0.4, 1.4), (socket[0] + 0.2, 1.7)], 0.60),
    )
    strokes = [(np.asarray(corners) * [sign * s, s], amount * s * s) for corners, amount in edges for sign in (-1, 1)]
    return np.float32(0.22 * s) * blade + draw(patient, grid, strokes, 0.28)


def _inside(side, y, start, end) -> np.ndarray:
    """1 to the left of the line from start to end (in side, y), 0 to its right, with an edge of 2 mm."""
    across, down = end[0] - start[0], end[1] - start[1]
    length = math.hypot(across, down)
    reach = (side - start[0]) * np.float32(down / length) - (y - start[1]) * np.float32(across / length)
    return np.clip(reach * 5 + 0.5, 0, 1)
