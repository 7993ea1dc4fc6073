"""Outlines of lungs, thorax and heart for images from elsewhere: augmentation of phantoms, and what is measured."""

import numpy as np
import torch
from scipy.ndimage import binary_opening, label
from torch.nn import functional

ORGANS = ("lungs", "thorax", "heart")
SIDE = 128  # pixels
TURN, ZOOM, SHIFT = 10.0, 0.22, 0.08  # at most: degrees, log of the size, fraction of the image's side
GAMMA, NOISE = 0.5, 0.04  # at most: log exponent, deviation as a fraction of black to white


def augment(images: np.ndarray, masks: np.ndarray, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Turn, zoom and shift images with their masks; change the gray curve and add noise. Never mirrors."""
    n = len(images)
    angle = np.radians(rng.uniform(-TURN, TURN, n))
    scale, shift = np.exp(rng.uniform(-ZOOM, ZOOM, n)), rng.uniform(-2 * SHIFT, 2 * SHIFT, (n, 2))
    rows = [[scale * np.cos(angle), -scale * np.sin(angle), shift[:, 0]]]
    rows += [[scale * np.sin(angle), scale * np.cos(angle), shift[:, 1]]]
    frame = torch.from_numpy(np.array(rows).transpose(2, 0, 1).astype(np.float32))  # (n, 2, 3)
    layers = torch.from_numpy(np.concatenate([images[:, None] / 255.0, masks], axis=1).astype(np.float32))
    grid = functional.affine_grid(frame, list(layers.shape), align_corners=False)
    layers = functional.grid_sample(layers, grid, align_corners=False)
    gamma = torch.from_numpy(np.exp(rng.uniform(-GAMMA, GAMMA, (n, 1, 1, 1))).astype(np.float32))
    noise = rng.standard_normal((n, 1, SIDE, SIDE)) * rng.uniform(0, NOISE, (n, 1, 1, 1))
    pixels = layers[:, :1].clamp(0, 1) ** gamma + torch.from_numpy(noise.astype(np.float32))
    return pixels, layers[:, 1:]


def largest(mask: np.ndarray, pieces: int = 1) -> np.ndarray:
    """The largest connected pieces of a mask, without spurs thinner than three pixels."""
    found, count = label(binary_opening(mask))
    sizes = np.bincount(found.ravel(), minlength=count + 1)[1:]
    return np.isin(found, np.argsort(sizes)[::-1][:pieces] + 1) if count else np.zeros_like(mask)


def proportions(masks: np.ndarray) -> tuple[float, float]:
    """Cardiothoracic ratio, and the lungs' share of the image, from masks (3, 128, 128); NaN if an organ is missing.

    The ratio is heart width divided by thorax width, each from its leftmost to its rightmost pixel.
    """
    lungs, thorax, heart = largest(masks[0], pieces=2), largest(masks[1]), largest(masks[2])
    if not (lungs.any() and thorax.any() and heart.any()):
        return np.nan, np.nan
    widths = [np.ptp(np.flatnonzero(mask.any(axis=0))) + 1 for mask in (heart, thorax)]
    return float(widths[0] / widths[1]), float(lungs.mean())
