"""Pulmonary vessels: trees that leave both hila, fork, taper and bend, drawn as the blood they hold."""

import numpy as np

from helpers.cohort.phantom.anatomy import Chest
from helpers.cohort.phantom.grid import Grid, blur, splat

# Direction of the main branches, degrees from straight up, outward positive; more of them run to the bases.
STEMS = np.array([12.0, 38.0, 66.0, 92.0, 112.0, 130.0, 147.0, 163.0])
STEPS = (16, 13, 11, 9, 7, 6)  # points along a branch of each generation: closer than a vessel is wide
STRENGTH = 1.6  # arteries and veins run side by side


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
    for low, high, width in ((0.0, 0.11, 0.05), (0.11, 0.22, 0.11), (0.22, 0.55, 0.22), (0.55, 9.0, 0.42)):
        chosen = (radius >= low) & (radius < high)
        dots = splat(column[chosen], row[chosen], mass[chosen] / pixel**2, grid.n)
        total += blur(dots, width / 40.0)
    return total


def _trees(chest: Chest, generator: np.random.Generator):
    """Points (x, y, radius, blood in cm^3) of every branch, generation by generation."""
    s, height = chest.patient.scale, chest.patient.height
    for side, lower in ((-1, 0.045), (1, 0.0)):  # the left hilum is the higher one
        hilum_x = chest.shift + side * 3.7 * s
        hilum_y = (0.42 + lower) * height
        angle = np.radians(STEMS + 9 * generator.standard_normal(len(STEMS)))
        radius = (0.36 + 0.14 * generator.random(len(STEMS))) * s * (1 + 0.12 * (STEMS > 100))
        x = np.full(len(STEMS), hilum_x) + side * 0.8 * generator.random(len(STEMS))
        y = hilum_y - 1.5 * s * np.cos(angle) + 0.6 * generator.standard_normal(len(STEMS))
        lump = (0.55 + 0.35 * generator.random(14)) * s
        lump_y = hilum_y + 1.5 * s * generator.standard_normal(14)
        yield hilum_x + side * (0.9 * generator.random(14) - 0.5) * s, lump_y, lump, 3.2 * lump**3
        length = (2.9 + 1.1 * generator.random(len(STEMS))) * s * (1 + 0.22 * (STEMS > 120))
        for steps in STEPS:
            bend = 0.30 * generator.standard_normal(len(x))
            t = (np.arange(steps) + 0.5)[:, None] / steps
            heading = angle + bend * (t - 0.3)
            step = length / steps
            path_x = x + side * np.cumsum(np.sin(heading) * step, axis=0)
            path_y = y - np.cumsum(np.cos(heading) * step, axis=0)
            taper = radius * (1.05 - 0.25 * t)
            yield path_x.ravel(), path_y.ravel(), taper.ravel(), (STRENGTH * np.pi * taper**2 * step).ravel()
            fork = np.array([1.0, -1.0])[:, None] * (0.30 + 0.22 * generator.random(len(x)))
            angle = (heading[-1] + fork).ravel()
            x, y = np.tile(path_x[-1], 2), np.tile(path_y[-1], 2)
            share = 0.70 + 0.15 * generator.random(len(x))
            radius, length = np.tile(radius, 2) * share, np.tile(length, 2) * (0.74 + 0.14 * generator.random(len(x)))
