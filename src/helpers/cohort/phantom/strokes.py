"""Thin objects drawn as soft lines: conversion from cm to pixels, polylines, and points of given mass and width."""

import math

import numpy as np

from helpers.cohort.phantom.grid import Grid, blur, splat
from helpers.cohort.phantom.patient import Patient


def to_pixels(patient: Patient, grid: Grid, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Column and row (pixels of the drawing, float) of points given in cm from the midline and the lung apex."""
    pixel = patient.field / grid.n
    lean = math.tan(math.radians(patient.tilt)) * (y - 0.6 * patient.height)
    return (x + patient.offset - lean) / pixel + grid.n / 2, (y + patient.top) / pixel


def bow(start, end, sag: float, count: int = 24) -> np.ndarray:
    """A curve of ``count`` points from start to end that bulges ``sag`` cm to its right."""
    t = np.linspace(0, 1, count)[:, None]
    start, end = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    length = max(float(np.hypot(*(end - start))), 1e-6)
    across = np.array([start[1] - end[1], end[0] - start[0]]) / length
    return (1 - t) * start + t * end + 4 * sag * t * (1 - t) * across


def smooth(corners, count: int = 48) -> np.ndarray:
    """A smooth curve of ``count`` points through corners (k, 2), for objects that bend without kinks."""
    from scipy.interpolate import PchipInterpolator  # imported here because it loads slowly

    corners = np.asarray(corners, dtype=np.float64)
    place = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    return PchipInterpolator(place, corners)(np.linspace(0, place[-1], count))


def draw(patient: Patient, grid: Grid, strokes: list, width: float, on_film: bool = False) -> np.ndarray:
    """Depth in cm, float32 (n, n), of polylines given as (corners in cm, depth x width in cm^2).

    ``width`` is the standard deviation of their profile in cm. If ``on_film``, corners are in cm from the top middle
    of the image, not relative to the patient.
    """
    if not strokes:
        return np.zeros((grid.n, grid.n), dtype=np.float32)
    pixel = patient.field / grid.n
    x, y, mass = _dots(strokes, max(0.5 * pixel, 0.6 * width))
    column, row = (x / pixel + grid.n / 2, y / pixel) if on_film else to_pixels(patient, grid, x, y)
    return blur(splat(column, row, mass / pixel**2, grid.n), width / patient.field)


def _dots(strokes: list, spacing: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points x, y (cm) about ``spacing`` apart along every polyline, each with its share of the mass (cm^3)."""
    lines = [np.asarray(corners, dtype=np.float64) for corners, _ in strokes]
    start = np.concatenate([line[:-1] for line in lines])
    way = np.concatenate([line[1:] for line in lines]) - start
    amount = np.repeat([amount for _, amount in strokes], [len(line) - 1 for line in lines])
    length = np.hypot(way[:, 0], way[:, 1])
    count = np.maximum(np.ceil(length / spacing), 1).astype(np.int64)
    segment = np.repeat(np.arange(len(count)), count)
    place = (np.arange(len(segment)) - (np.cumsum(count) - count)[segment] + 0.5) / count[segment]
    dots = start[segment] + place[:, None] * way[segment]
    return dots[:, 0], dots[:, 1], (amount * length / count)[segment]
