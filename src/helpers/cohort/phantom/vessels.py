"""Structures within the air of the lungs: vessels that leave the hila, branch, taper and bend; the minor fissure."""

import numpy as np

from helpers.cohort.phantom.anatomy import Chest
from helpers.cohort.phantom.grid import Grid, blur, splat
from helpers.cohort.phantom.strokes import bow, draw, to_pixels

# Direction of the main branches, degrees from straight up, outward positive; more of them run toward the bases.
STEMS = np.array([8.0, 30.0, 55.0, 78.0, 98.0, 114.0, 128.0, 140.0, 152.0, 165.0])
NODES = (8, 7, 6, 5, 4, 3)  # bends along a branch of each generation
SOFTNESS = 0.35  # standard deviation of a vessel's edge, as a fraction of its radius
# Bends of the large artery of the right (-1) and left (1) hilum: cm outward from the midline and below the hilum.
HILA = {
    -1: ((2.4, -1.2), (4.6, -0.6), (5.4, 2.2), (5.6, 5.6)),
    1: ((2.4, 0.2), (4.4, -2.0), (6.0, 0.6), (5.6, 4.6)),
}
STRENGTH = 2.7  # arteries and veins run side by side


def vessels(chest: Chest, grid: Grid, generator: np.random.Generator) -> np.ndarray:
    """Depth of blood (cm) in the vessels and hila of both lungs, (n, n).

    A branch of radius r holds pi r^2 of blood per cm of its course, spread over its width. Lungs that have lost volume
    have the same vessels in less space: ``chest.crowding`` is the factor by which they are denser, right and left.
    """
    pixel, shown = chest.patient.field / grid.n, chest.patient.field / grid.size
    lines = [_points(*line, shown) for line in (*_hila(chest, generator), *_trees(chest, generator, 0.16 * shown))]
    x, y, radius, mass = (np.concatenate([line[k] for line in lines]) for k in range(4))
    column, row = to_pixels(chest.patient, grid, x, y)
    mass, softness = mass / pixel**2, SOFTNESS * radius
    low = 0.3 * shown
    sharp = softness < low
    total = splat(column[sharp], row[sharp], mass[sharp], grid.n)
    while (chosen := (softness >= low) & (softness < 2 * low)).any():
        total += blur(splat(column[chosen], row[chosen], mass[chosen], grid.n), 1.4 * low / chest.patient.field)
        low = 2 * low
    return total


def _points(x, y, radius, density, pixel: float):
    """Flat arrays (x, y, radius, blood in cm^3) of points spaced along each line more closely than their drawn width.

    x, y (nodes, lines) are courses; radius (nodes - 1, lines) cm and density (lines,) belong to the segments.
    """
    ways_x, ways_y = np.diff(x, axis=0), np.diff(y, axis=0)
    length = np.hypot(ways_x, ways_y)
    usual = float(radius.mean())
    parts = max(int(np.ceil(1.3 * float(length.mean()) / max(0.6 * pixel, 0.45 * usual))), 1)
    place = ((np.arange(parts, dtype=np.float32) + 0.5) / parts)[:, None, None]
    across_x, across_y = -ways_y / length * radius, ways_x / length * radius
    # A vessel that is wide enough to show its profile is drawn as strands, each with the depth of its chord.
    count = min(max(round(2.2 * usual / pixel), 1), 12)
    strands = ((np.arange(count) + 0.5) / count * 2 - 1)[:, None, None, None]
    chords = np.sqrt(1 - strands**2)
    chords = np.float32(chords / chords.sum())
    strands = np.float32(strands)
    dots_x = x[:-1] + place * ways_x + strands * across_x
    dots_y = y[:-1] + place * ways_y + strands * across_y
    mass = chords * (np.pi * density * radius**2 * length / parts)
    shape = dots_x.shape
    return dots_x.ravel(), dots_y.ravel(), np.broadcast_to(radius, shape).ravel(), np.broadcast_to(mass, shape).ravel()


def _trees(chest: Chest, generator: np.random.Generator, thinnest: float):
    """Courses of every branch (x, y, radius, density), generation by generation, both lungs at once.

    Generations thinner than ``thinnest`` (cm) are left out; they come last, so the others do not depend on this limit.
    """
    s, stems = chest.patient.scale, len(STEMS)
    side = np.repeat([-1.0, 1.0], stems)
    angle = np.radians(np.tile(STEMS, 2) + 11 * generator.standard_normal(2 * stems))
    radius = (0.26 + 0.16 * generator.random(2 * stems)) * s * (1 + 0.18 * (np.tile(STEMS, 2) > 100))
    start = generator.random((2, 2 * stems))
    x = chest.shift + side * (3.4 * s + 1.3 * start[0] * np.sin(np.clip(angle, 0, np.pi)))
    y = hilum_height(chest, side) - (0.5 + 2.4 * start[1]) * s * np.cos(angle)
    length = (2.2 + 1.5 * generator.random(2 * stems)) * s * (1 + 0.25 * (np.tile(STEMS, 2) > 120))
    density = STRENGTH * np.where(side < 0, *chest.crowding)
    x, y, side, angle, radius, length, density = np.float32([x, y, side, angle, radius, length, density])
    for nodes in NODES:
        if radius.mean() < thinnest:
            return
        bend, wave, fork, thin, short = generator.standard_normal((5, len(x)), dtype=np.float32)
        t = (np.arange(nodes, dtype=np.float32)[:, None] + np.float32(0.5)) / np.float32(nodes)
        heading = angle + 0.34 * bend * (t - 0.35) + 0.22 * wave * np.sin(6.0 * t)
        course_x = np.concatenate([x[None], x + side * np.cumsum(np.sin(heading) * (length / nodes), axis=0)])
        course_y = np.concatenate([y[None], y - np.cumsum(np.cos(heading) * (length / nodes), axis=0)])
        yield course_x, course_y, radius * (1.04 - 0.2 * t), density
        opening = 0.42 + 0.14 * fork
        angle = np.concatenate([heading[-1] + 0.7 * opening, heading[-1] - opening])
        x, y, side, density = (np.tile(v, 2) for v in (course_x[-1], course_y[-1], side, density))
        radius = np.concatenate([radius * np.clip(0.80 + 0.06 * thin, 0.6, 0.95), radius * (0.62 + 0.05 * thin)])
        length = np.tile(length, 2) * np.clip(0.80 + 0.10 * np.tile(short, 2), 0.5, 1.1)


def minor_fissure(chest: Chest, grid: Grid, dice: list[float]) -> np.ndarray:
    """Depth of tissue (cm) in the fissure over the right middle lobe, a hairline seen in about half of all people."""
    patient, s = chest.patient, chest.patient.scale
    if dice[22] > 0.55:
        return np.zeros((grid.n, grid.n), dtype=np.float32)
    inner = (chest.shift - 5.2 * s, float(hilum_height(chest, -1)) + 0.4 * s)
    outer = (-0.93 * patient.width, inner[1] + (2.6 * dice[23] - 1.0) * s)
    return draw(patient, grid, [(bow(inner, outer, 0.5 * s), 0.16)], 0.06)


def hilum_height(chest: Chest, side) -> np.ndarray:
    """y (cm) of the hilum on a side (-1 right, 1 left); the left one is higher."""
    return chest.patient.height * np.where(np.asarray(side) < 0, 0.465, 0.42)


def _hila(chest: Chest, generator: np.random.Generator):
    """Courses of the large arteries: on the right down beside the heart, on the left over the bronchus and down."""
    s = chest.patient.scale
    t = np.linspace(0, 1, 17)[:, None]
    for sign, turns in HILA.items():
        middle = hilum_height(chest, sign)
        a, b, c, d = (np.array([chest.shift + sign * across * s, middle + down * s]) for across, down in turns)
        path = (1 - t) ** 3 * a + 3 * (1 - t) ** 2 * t * b + 3 * (1 - t) * t**2 * c + t**3 * d
        wobble = 1 + 0.15 * generator.standard_normal((16, 1))
        yield path[:, :1], path[:, 1:], (0.78 - 0.40 * t[:-1]) * s * wobble, np.ones(1)
