"""Ribs and spine as cm of cortical bone along each ray."""

import math

import numpy as np

from helpers.cohort.phantom.anatomy import Chest
from helpers.cohort.phantom.grid import curve


def tube(offset: np.ndarray, cortex: float = 0.24) -> np.ndarray:
    """Chord through the wall of a unit tube at ``offset`` (0 axis, 1 edge), with marrow counted at a quarter."""
    outer = np.sqrt(np.clip(1 - offset**2, 0, 1))
    inner = np.sqrt(np.clip((1 - cortex) ** 2 - offset**2, 0, 1))
    return outer - 0.75 * inner


def ribs(chest: Chest, dice: list[float]) -> np.ndarray:
    """Posterior and anterior ribs, cm. ``dice`` (12,) in 0..1.

    Ribs are nearly parallel, so one smooth "rib number" over the plane draws them all: a rib lies at each integer.
    """
    patient, s = chest.patient, chest.patient.scale
    spacing = patient.height / (8.3 + 0.9 * dice[0]) * (0.75 + 0.25 / patient.inspiration)
    wall = np.clip(np.abs(chest.x) / np.maximum(chest.lateral, 2.0), 0, 1.2)
    steep = (0.75 + 0.4 * dice[1]) * s * (0.75 + 0.45 * np.clip(chest.y / patient.height, 0, 1.3))
    wall2 = wall * wall
    drop = steep * (wall2 * (2.6 + 3.0 * wall2 * wall2 * wall))
    drop = drop - 0.5 * s * np.sin(np.pi * np.clip(wall, 0, 1)) * dice[2]
    back = (chest.y + 0.6 - drop) / spacing
    covered = 1 - 0.45 * np.clip((chest.y - chest.dome) / 2.0, 0, 1)  # by liver and spleen, and by breathing motion
    covered = covered * (1 - 0.35 * chest.heart)
    inside = covered * np.clip((1.015 - wall) / 0.03, 0, 1) * np.clip((np.abs(chest.x) - 1.5) * 0.45, 0, 1)
    edge_on = 1 + 1.1 * np.clip((wall - 0.82) / 0.18, 0, 1) ** 2
    # A sloping rib is as thick as a level one, so it extends over more height.
    slope = steep * np.float32(1 / patient.width) * (5.2 * wall + 21.0 * wall2 * wall2 * wall2)
    half = (0.185 + 0.03 * dice[3]) * np.minimum(np.sqrt(1 + slope * slope), 1.9)
    posterior = _rows(back, half, 11) * edge_on * inside
    turn = steep * 5.6
    forward = np.clip(1 - wall, 0, 1)
    front = (chest.y + 0.6 - turn - (3.6 + 2.2 * dice[4]) * s * forward * 1.55) / (spacing * 1.04)
    fade = np.clip((wall - 0.40) / 0.22, 0, 1) * inside
    anterior = _rows(front, half * 1.25, 7) * fade
    dense = 1.25 + 0.7 * dice[8] - 0.2 * (patient.age > 70)
    return (dense * s * (posterior + 0.60 * anterior)).astype(np.float32)


def _rows(number: np.ndarray, half: float, count: int) -> np.ndarray:
    nearest = np.rint(number)
    return tube((number - nearest) / half) * ((nearest >= 0) & (nearest < count))


def spine(chest: Chest, dice: list[float]) -> np.ndarray:
    """Vertebral bodies with discs and end plates, pedicles and spinous processes, cm."""
    s, turn = chest.patient.scale, math.sin(math.radians(chest.patient.rotation))
    bend = 0.5 * (dice[7] - 0.5) * np.sin(np.pi * chest.y / chest.patient.height)
    off = (chest.x + np.float32(2.0 * turn) - bend) * np.float32(1 / s)
    number = curve(chest.y / s, (-12, 0, 12, 36), (-6.0, 0.0, 5.3, 13.8))
    phase = number - np.rint(number)  # 0 in the middle of a body, +-0.5 in the discs
    end = np.abs(phase)
    half = (1.35 + 0.035 * np.clip(chest.y, -8, 30)) * (0.90 + 0.13 * np.clip((end - 0.15) / 0.25, 0, 1))
    ratio = np.square(off / half)
    body = np.sqrt(np.maximum(1 - ratio * np.sqrt(ratio), 0))
    rows = 0.55 + 0.22 * np.exp(-np.square((end - 0.385) / 0.045)) - 0.28 * np.clip((end - 0.41) / 0.05, 0, 1)
    side = np.abs(off)
    ring = np.exp(-np.square((np.hypot((side - 0.72 * half) / 0.34, (phase + 0.14) / 0.17) - 0.8) / 0.35))
    drop = np.exp(-np.square(off / 0.24)) * np.clip(1 - np.abs(phase - 0.22) * 3.6, 0, 1)
    return (np.float32(0.62 * s) * (body * rows + 0.38 * ring + 0.55 * drop)).astype(np.float32)
