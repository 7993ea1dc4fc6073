"""Snapshots of a model in training: how far its images are from the training images, and images of fixed seeds."""

from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
import torch
from pydantic import Field
from torch.nn import functional

from helpers.checks import checked
from helpers.errors import ParameterError, TrainingError
from helpers.files import eight_bits, read_gray, write_png
from helpers.generators.trainer import Snapshots, Trainer
from helpers.generators.training_data import TrainingData
from helpers.image_metrics.features import FAINTEST, cosine_basis, fit_size
from helpers.image_metrics.fidelity import frechet_distance

FLAT = 1e-3  # mean deviation of a pixel between images, range 0..1, below which all count as the same
THUMBNAIL, COSINES, SCALES = 4, 8, (1, 2, 4)  # pixels per side; textures; reductions at which they are measured
SIDES = 16  # textures are measured at a multiple of this many pixels per side
REFERENCE = 2000  # training images to compare with, at most
SHOWN = 8  # images of each snapshot that are kept


@checked(ParameterError)
class SnapshotSettings:
    """Parameters of notebooks 02 and 03: training images between snapshots (0: none), synthetic images in each.

    ``keep`` says which weights are kept: the last, or the best: those of the snapshot with the lowest Fréchet distance,
    as in the original study. Raises ParameterError for values out of range.
    """

    snapshot_every: Annotated[int, Field(ge=0)] = 0
    snapshot_images: Annotated[int, Field(ge=SHOWN)] = 200
    keep: Literal["last", "best"] = "last"

    def __post_init__(self):
        if self.keep == "best" and not self.snapshot_every:
            raise ParameterError("keep = 'best': needs snapshots to choose from; set snapshot_every above 0")


class SnapshotTaker:
    """Takes the snapshots of one training: ``<images seen>.png`` in ``folder``, a strip of a few fixed seeds."""

    def __init__(self, data: TrainingData, settings: SnapshotSettings, folder: str | Path, seed: int = 0):
        self.settings, self.folder, self.seed = settings, Path(folder), seed
        if settings.snapshot_every:
            rng = np.random.default_rng([seed, 12])
            chosen = rng.permutation(len(data))[:REFERENCE]
            raw = features(data.pixels(chosen)[:, 0].numpy().astype(np.float32) / 255)
            self.scale = raw.std(axis=0) + 1e-6
            self.reference = raw / self.scale
            self.states = data.states[rng.integers(len(data), size=settings.snapshot_images)]

    def take_if_due(self, trainer: Trainer, finished: bool = False) -> None:
        """Take a snapshot before the first step, after every ``snapshot_every`` images, and at the end.

        Raises TrainingError if images are not finite, or have all become the same.
        """
        rows, every = trainer.snapshots.rows, self.settings.snapshot_every
        if not every or (rows and rows[-1]["images"] == trainer.images):
            return
        if rows and not finished and trainer.images // every == rows[-1]["images"] // every:
            return
        made = trainer.draw(self.states, self.seed)
        spread = float(made.std(axis=0).mean())
        differed = any(row["spread"] >= FLAT for row in rows)  # an untrained denoiser draws the same gray for all seeds
        if not np.isfinite(spread) or (spread < FLAT and differed):
            raise TrainingError(
                f"{trainer.images:,} images: collapse, all synthetic images are the same (spread {spread:.1e}); the "
                "last good checkpoint is kept; train again with a lower learning_rate, a larger batch or another seed"
            )
        frechet = frechet_distance(self.reference, features(made) / self.scale)
        row = {"images": trainer.images, "seconds": round(trainer.seconds, 1), "frechet": frechet, "spread": spread}
        rows.append(row)
        strip = eight_bits(np.concatenate(list(made[:SHOWN]), axis=1))
        trainer.snapshots.strips[trainer.images] = torch.from_numpy(strip)
        self.write(trainer.images, strip)
        best = trainer.snapshots.best
        if self.settings.keep == "best" and (best is None or frechet < best["frechet"]):
            weights = {name: values.detach().clone() for name, values in trainer.average.state_dict().items()}
            trainer.snapshots.best = {"images": trainer.images, "frechet": frechet, "weights": weights}

    def write(self, images: int, strip: np.ndarray) -> None:
        """Write the strip of a snapshot, uint8 (size, SHOWN * size)."""
        write_png(self.folder / f"{images:010d}.png", strip / 255)

    def write_again(self, snapshots: Snapshots) -> None:
        """Write the strips of all snapshots so far: since a training was stopped, they may have been damaged."""
        for images, strip in snapshots.strips.items():
            self.write(images, strip.numpy())


def features(images: np.ndarray) -> np.ndarray:
    """A thumbnail of each image, and its texture at several scales: float32 (n, s, s) in 0..1 -> float64 (n, 40).

    They need no trained network, so they are available from the first step; texture is the log of the mean absolute
    cosine coefficients of 4 x 4 pixel blocks. They serve for curves of one training; notebook 05 compares images of
    different generators with the features of a trained classifier.
    """
    parts = [fit_size(images, THUMBNAIL).reshape(len(images), -1)]
    side = max(images.shape[-1] // SIDES, 1) * SIDES
    whole, basis = torch.from_numpy(fit_size(images, side))[:, None], cosine_basis(COSINES)
    for scale in SCALES:
        blocks = functional.pixel_unshuffle(functional.avg_pool2d(whole, scale), 4)
        coefficients = torch.einsum("kc,bchw->bkhw", basis, blocks)
        parts.append(torch.log(coefficients.abs().mean(dim=(2, 3)) + FAINTEST).numpy())
    return np.concatenate(parts, axis=1).astype(float)


def strips(snapshots: pd.DataFrame, folder: str | Path, most: int = 6) -> dict[str, np.ndarray]:
    """Strips of up to ``most`` snapshots, including the first and last: title -> float32 (n, size, size) in 0..1."""
    chosen = np.unique(np.linspace(0, len(snapshots) - 1, most).round().astype(int))
    seen = snapshots["images"].iloc[chosen]
    read = {f"{count:,} images": read_gray(Path(folder) / f"{count:010d}.png") for count in seen}
    return {title: np.stack(np.split(strip, strip.shape[1] // strip.shape[0], axis=1)) for title, strip in read.items()}
