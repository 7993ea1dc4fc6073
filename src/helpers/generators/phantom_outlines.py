"""Where the findings of phantoms are: their masks on a coarse grid, drawn again from the seed of their cohort."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from torch import Tensor

from helpers.cohort.phantom import drawn_again
from helpers.errors import ParameterError
from helpers.progress import track
from helpers.provenance import cohort_seed, shows_phantoms
from helpers.runs import Run

OUTLINED = ("atelectasis", "lung_opacity", "pleural_effusion", "heart")
SIDE = 16  # squares per side of the grid
PIXELS = 4  # per side of a square, at which masks are drawn

Outlines = Callable[[Sequence[str]], Tensor]


def outlines_in(run: Run) -> Outlines:
    """A function that gives the outlines of images of a run, by their ids; raises ParameterError without phantoms."""
    if not shows_phantoms(run):
        raise ParameterError(
            "outlining: where findings are is known of phantoms only, and these are X-rays; set it to 0 in "
            "03_train_diffusion"
        )
    return partial(outlines_of, cohort_seed(run))


def outlines_of(cohort_seed: int, image_ids: Sequence[str]) -> Tensor:
    """Share of each square that is covered by each mask of ``OUTLINED``, in 255ths: uint8 (n, 4, SIDE, SIDE)."""
    found = np.empty((len(image_ids), len(OUTLINED), SIDE, SIDE), np.uint8)
    for row, name in zip(found, track(image_ids, "Outlines of phantoms"), strict=True):
        masks = drawn_again(cohort_seed, name, SIDE * PIXELS).masks
        squares = np.stack([masks[part] for part in OUTLINED]).reshape(len(OUTLINED), SIDE, PIXELS, SIDE, PIXELS)
        row[:] = np.rint(255 * squares.mean(axis=(2, 4)))
    return torch.from_numpy(found)
