"""Bones as cm of cortical bone along each ray: ribs, clavicles, scapulae and humeri, spine."""

import math

import numpy as np

from helpers.cohort.phantom.anatomy import Chest
from helpers.cohort.phantom.grid import curve, curve_map


def tube(offset: np.ndarray, cortex: float = 0.24) -> np.ndarray:
    """Chord through the wall of a unit tube at ``offset`` (0 axis, 1 edge), marrow counted at a quarter."""
    outer = np.sqrt(np.clip(1 - offset**2, 0, 1))
    inner = np.sqrt(np.clip((1 - cortex) ** 2 - offset**2, 0, 1))
    return outer - 0.75 * inner


def ribs(chest: Chest, dice: list[float]) -> np.ndarray:
    """Posterior and anterior ribs, cm. ``dice`` (12,) in 0..1.

    Ribs are nearly parallel, so one smooth "rib number" over the plane draws them all: a rib is where it is whole.
    """
    patient, s = chest.patient, chest.patient.scale
    spacing = patient.height / (8.3 + 0.9 * dice[0]) * (0.75 + 0.25 / patient.inspiration)
    wall = np.clip(np.abs(chest.x) / np.maximum(chest.lateral, 2.0), 0, 1.2)
    steep = (0.75 + 0.4 * dice[1]) * s * (0.75 + 0.45 * np.clip(chest.y / patient.height, 0, 1.3))
    wall2 = wall * wall
    drop = (
        steep * (wall2 * (2.6 + 3.0 * wall2 * wall2 * wall)) - 0.5 * s * np.sin(np.pi * np.clip(wall, 0, 1)) * dice[2]
    )
    back = (chest.y + 0.6 - drop) / spacing
    covered = 1 - 0.45 * np.clip((chest.y - chest.dome) / 2.0, 0, 1)  # by liver and spleen, and by breathing motion
    covered = covered * (1 - 0.35 * chest.heart)
    inside = covered * np.clip((1.015 - wall) / 0.03, 0, 1) * (np.abs(chest.x) > 1.4)
    edge_on = 1 + 1.1 * np.clip((wall - 0.82) / 0.18, 0, 1) ** 2
    half = 0.215 + 0.03 * dice[3]
    posterior = _rows(back, half, 11) * edge_on * inside
    turn = steep * 5.6
    forward = np.clip(1 - wall, 0, 1)
    front = (chest.y + 0.6 - turn - (3.6 + 2.2 * dice[4]) * s * forward * 1.55) / (spacing * 1.04)
    fade = np.clip((wall - 0.40) / 0.22, 0, 1) * inside
    anterior = _rows(front, half * 1.25, 7) * fade
    dense = 1.05 + 0.6 * dice[8] - 0.2 * (patient.age > 70)
    return (dense * s * (posterior + 0.60 * anterior)).astype(np.float32)


def _rows(number: np.ndarray, half: float, count: int) -> np.ndarray:
    nearest = np.rint(number)
    return tube((number - nearest) / half) * ((nearest >= 0) & (nearest < count))


def clavicles(chest: Chest, dice: list[float]) -> np.ndarray:
    """Both clavicles, cm: an S-shaped bar from beside the midline up to the shoulder."""
    s, turn = chest.patient.scale, math.sin(math.radians(chest.patient.rotation))
    lift = (1.6 * (dice[5] - 0.5) + (0.9 if chest.patient.view == "AP" else 0.0)) * s
    side = np.abs(chest.x - np.float32(8.0 * turn)) / s
    line = curve_map(side, (1.2, 4.0, 8.0, 12.0, 16.5), (3.9, 3.2, 1.6, 0.3, -0.2)) * s - lift
    half = curve_map(side, (1.2, 3.0, 9.0, 16.5), (1.0, 0.7, 0.55, 0.75)) * s
    ends = np.clip((side - 1.2) / 0.5, 0, 1) * np.clip((16.8 - side) / 0.8, 0, 1)
    return (2.1 * s * tube((chest.y - line) / half, 0.3) * ends).astype(np.float32)


def shoulder_blades(chest: Chest, dice: list[float]) -> np.ndarray:
    """Scapulae, humeral heads and shafts, cm; at the bedside (AP) the scapulae lie over the lungs."""
    s, side = chest.patient.scale, np.abs(chest.x)
    inward = (1.6 if chest.patient.view == "AP" else 0.0) + 1.2 * (dice[6] - 0.5)
    low = 12.5 * s
    medial = curve(chest.y / low, (-0.05, 0.3, 1.0), (12.9, 12.6, 15.2)) * s - inward
    outer = curve(chest.y / low, (0.1, 0.5, 1.0), (17.8, 17.2, 15.9)) * s - 0.5 * inward
    within = np.clip((side - medial) / 0.25, 0, 1) * np.clip((outer - side) / 0.25, 0, 1)
    border = np.exp(-(((side - outer) / 0.45) ** 2)) + 0.5 * np.exp(-(((side - medial) / 0.3) ** 2))
    blade = (
        (0.35 * within + 0.75 * border) * np.clip((low - chest.y) / 1.0, 0, 1) * np.clip((chest.y - 0.4) / 1.0, 0, 1)
    )
    head = ((side - 19.0 * s) ** 2 + (chest.y - 2.9 * s) ** 2) / (2.5 * s) ** 2
    ball = 0.9 * np.sqrt(np.clip(1 - head, 0, 1))
    shaft = (
        1.7 * tube((side - (19.9 * s + 0.05 * chest.y)) / (1.15 * s), 0.3) * np.clip((chest.y - 4.2 * s) / 1.5, 0, 1)
    )
    arm = np.maximum(ball, shaft if chest.patient.view == "AP" else 0)
    return (s * (blade + arm)).astype(np.float32)


def spine(chest: Chest, dice: list[float]) -> np.ndarray:
    """Vertebral bodies with discs and end plates, pedicles and spinous processes, cm."""
    s, turn = chest.patient.scale, math.sin(math.radians(chest.patient.rotation))
    bend = 0.5 * (dice[7] - 0.5) * np.sin(np.pi * chest.y / chest.patient.height)
    off = (chest.x + np.float32(2.0 * turn) - bend) / s
    number = curve(chest.y / s, (-12, 0, 12, 36), (-6.0, 0.0, 5.3, 13.8))
    phase = np.abs(number - np.rint(number))  # 0 in the middle of a body, 0.5 in the disc
    half = 1.5 + 0.035 * np.clip(chest.y, -8, 30)
    ratio = np.square(off / half)
    body = np.sqrt(np.clip(1 - ratio * ratio * ratio, 0, 1))
    rows = 0.62 + 0.22 * np.exp(-(((phase - 0.38) / 0.06) ** 2)) - 0.28 * np.clip((phase - 0.40) / 0.06, 0, 1)
    pedicle = np.exp(-(((np.abs(off) - 0.72 * half) / 0.32) ** 2) - (((phase - 0.12) / 0.17) ** 2))
    process = np.exp(-((off / 0.28) ** 2)) * np.clip(1 - phase * 2.4, 0, 1)
    return (0.55 * s * (body * rows + 0.40 * pedicle + 0.55 * process)).astype(np.float32)
