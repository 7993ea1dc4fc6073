"""Objects on or in the patient: leads, lines, a pacemaker, a tube; and the side marker."""

import numpy as np

from helpers.cohort.phantom.anatomy import Chest
from helpers.cohort.phantom.grid import Grid
from helpers.cohort.phantom.strokes import bow, draw, smooth

# Strokes of the marker letters on a unit square, x to the right and y down.
LETTERS = {
    "R": (((0, 1), (0, 0), (0.55, 0.0), (0.7, 0.25), (0.55, 0.5), (0, 0.5)), ((0.35, 0.5), (0.75, 1.0))),
    "L": (((0, 0), (0, 1), (0.65, 1)),),
}


def devices(chest: Chest, grid: Grid, dice: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Depth of metal (cm iron) and of plastic (cm cortical bone) from the patient's devices, each (n, n)."""
    metal, plastic = [], []
    s, h, w = chest.patient.scale, chest.patient.height, chest.patient.width
    if "ecg_leads" in chest.patient.devices:
        ends = ((-0.55 * w, 0.10 * h), (0.55 * w, 0.08 * h), (0.72 * w, (0.75 + 0.1 * dice[0]) * h))
        for k, end in enumerate(ends):
            ring = np.linspace(0, 2 * np.pi, 24)
            pad = np.stack([end[0] + 0.45 * np.cos(ring), end[1] + 0.45 * np.sin(ring)], axis=1)
            metal.append((pad, 0.012))
            away = ((1.3 + 0.2 * dice[1]) * w, (0.2 + 0.35 * k + 0.2 * dice[2]) * h)
            metal.append((bow(end, away, (2 * dice[3 + k] - 1) * 4), 0.0035))
    if "central_line" in chest.patient.devices:
        tip = (-2.0 * s, (0.40 + 0.08 * dice[6]) * h)
        corners = ((-4.2 * s, -4.5), (-3.4 * s, -1.0), (-2.4 * s, 2.5), (-1.9 * s, 6.0), tip)
        plastic.append((smooth(np.asarray(corners) + [chest.shift * 0.6, 0]), 0.11))
    if "tracheal_tube" in chest.patient.devices:
        end = [chest.shift * 0.8, (0.20 + 0.07 * dice[7]) * h]
        plastic.append((np.array([[0.1, -9.0], [0.15 * s, 0.0], end]), 0.16))
    if "pacemaker" in chest.patient.devices:
        box = np.array([0.72 * w, 0.16 * h])
        turns = np.linspace(0, 2 * np.pi, 60)
        for part in np.linspace(0.04, 1, 26):
            metal.append((box + part * np.stack([2.3 * np.cos(turns), 1.9 * np.sin(turns)], axis=1), 0.013))
        tip = (0.55 * chest.left[:, 0].max(), 0.93 * h)
        route = ((0.62 * w, 0.10 * h), (0.30 * w, 0.09 * h), (-0.10 * w, 0.16 * h), (-0.18 * w, 0.40 * h))
        metal.append((smooth([*route, (-0.16 * w, 0.68 * h), (0.02 * w, 0.88 * h), tip]), 0.008))
    return draw(chest.patient, grid, metal, 0.08), draw(chest.patient, grid, plastic, 0.08)


def marker(chest: Chest, grid: Grid, dice: list[float]) -> np.ndarray:
    """Lead letter of the side marker, as cm of iron with the same shadow, (n, n); "R" is on the image's left."""
    if not chest.patient.marker:
        return np.zeros((grid.n, grid.n), dtype=np.float32)
    field = chest.patient.field
    sign = -1 if chest.patient.marker == "R" else 1
    corner = np.array([sign * (0.40 + 0.06 * dice[8]) * field - 0.6, (0.04 + 0.16 * dice[9]) * field])
    tall, slant = 1.25 + 0.35 * dice[10], 0.5 * (dice[11] - 0.5)
    turn = np.array([[np.cos(slant), np.sin(slant)], [-np.sin(slant), np.cos(slant)]])
    strokes = [(corner + tall * np.asarray(line) @ turn, 0.15) for line in LETTERS[chest.patient.marker]]
    return draw(chest.patient, grid, strokes, 0.08, on_film=True)
