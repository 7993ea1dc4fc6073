"""Pulmonary vessels: trees that leave both hila, fork, taper and bend, drawn as the blood they hold."""

import numpy as np

from helpers.cohort.phantom.anatomy import Chest
from helpers.cohort.phantom.grid import Grid, blur, splat

# Direction of the main branches, degrees from straight up, outward positive; more of them run to the bases.
STEMS = np.array([12.0, 38.0, 66.0, 92.0, 112.0, 130.0, 147.0, 163.0])
GENERATIONS = 5
STEPS = 7  # points along each branch


def vessels(chest: Chest, grid: Grid, generator: np.random.Generator) -> np.ndarray:
    """Depth of blood (cm) in the vessels and hila of both lungs, (n, n).

    A branch of radius r puts pi r^2 of blood on each cm of its course; thick ones are drawn softer than thin ones.
    """
    x, y, radius, mass = (np.concatenate(parts) for parts in zip(*_trees(chest, generator), strict=True))
    pixel = chest.patient.field / grid.n
    lean = np.tan(np.radians(chest.patient.tilt)) * (y - 0.6 * chest.patient.height)
    column = (x + chest.patient.offset - lean) / pixel + grid.n / 2
    row = (y + chest.patient.top) / pixel
    total = np.zeros((grid.n, grid.n), dtype=np.float32)
    for low, high, width in ((0.0, 0.11, 0.05), (0.11, 0.22, 0.11), (0.22, 9.0, 0.24)):
        chosen = (radius >= low) & (radius < high)
        dots = splat(column[chosen], row[chosen], mass[chosen] / pixel**2, grid.n)
        total += blur(dots, width / 40.0)
    return total


def _trees(chest: Chest, generator: np.random.Generator):
    """Points (x, y, radius, blood in cm^3) of every branch, generation by generation."""
    s, height = chest.patient.scale, chest.patient.height
    for side, lower in ((-1, 0.045), (1, 0.0)):  # the left hilum is the higher one
        hilum_x = chest.shift + side * 3.1 * s
        hilum_y = (0.42 + lower) * height
        angle = np.radians(STEMS + 9 * generator.standard_normal(len(STEMS)))
        radius = (0.30 + 0.10 * generator.random(len(STEMS))) * s * (1 + 0.12 * (STEMS > 100))
        x = np.full(len(STEMS), hilum_x) + side * 0.8 * generator.random(len(STEMS))
        y = hilum_y - 1.1 * s * np.cos(angle) + 0.5 * generator.standard_normal(len(STEMS))
        length = (2.9 + 1.1 * generator.random(len(STEMS))) * s * (1 + 0.22 * (STEMS > 120))
        for _ in range(GENERATIONS):
            bend = 0.30 * generator.standard_normal(len(x))
            t = (np.arange(STEPS) + 0.5)[:, None] / STEPS
            heading = angle + bend * (t - 0.3)
            step = length / STEPS
            path_x = x + side * np.cumsum(np.sin(heading) * step, axis=0)
            path_y = y - np.cumsum(np.cos(heading) * step, axis=0)
            taper = radius * (1.05 - 0.25 * t)
            yield path_x.ravel(), path_y.ravel(), taper.ravel(), (np.pi * taper**2 * step).ravel()
            fork = np.array([1.0, -1.0])[:, None] * (0.30 + 0.22 * generator.random(len(x)))
            angle = (heading[-1] + fork).ravel()
            x, y = np.tile(path_x[-1], 2), np.tile(path_y[-1], 2)
            share = 0.66 + 0.16 * generator.random(len(x))
            radius, length = np.tile(radius, 2) * share, np.tile(length, 2) * (0.80 + 0.12 * generator.random(len(x)))
