"""The training split of a cohort in memory, and the order in which batches are drawn from it."""

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from helpers import tables
from helpers.errors import CohortError
from helpers.files import read_gray
from helpers.findings import ORIGINAL, UNSPECIFIED, Findings
from helpers.generators.grain import measure_grain


@lru_cache(maxsize=4)
def _permutation(seed: int, epoch: int, count: int) -> np.ndarray:
    return np.random.default_rng([seed, epoch]).permutation(count)


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Images uint8 (n, 1, size, size) in 0..255 and their states int8 (n, findings), in the order of ``findings``."""

    images: Tensor
    states: Tensor
    findings: tuple[str, ...] = ORIGINAL.names

    @classmethod
    def from_cohort(cls, cohort_csv: str | Path, run_folder: str | Path, findings: Findings) -> "TrainingData":
        """Read the training split of a cohort table; its paths are relative to ``run_folder``.

        Raises CohortError when the split is empty or its images differ in size or are not square.
        """
        cohort = tables.read_table(cohort_csv, tables.cohort_schema(findings))
        cohort = cohort[cohort["split"] == "train"].sort_values("image_id", kind="stable")
        if cohort.empty:
            raise CohortError(f"{cohort_csv}: no image has split 'train'; training needs some")
        images = [np.rint(read_gray(Path(run_folder) / path) * 255).astype(np.uint8) for path in cohort["path"]]
        size = images[0].shape[0]
        for path, image in zip(cohort["path"], images, strict=True):
            if image.shape != (size, size):
                raise CohortError(
                    f"{path}: {image.shape[1]} x {image.shape[0]} pixels where {size} x {size} are needed; "
                    "run 01_cohort again, it makes all images square and of one size"
                )
        states = findings.condition_labels(cohort)
        return cls(torch.from_numpy(np.stack(images)[:, None]), torch.from_numpy(states), findings.names)

    def __len__(self) -> int:
        return len(self.images)

    @property
    def size(self) -> int:
        """Width and height of the images, pixels."""
        return self.images.shape[-1]

    @cached_property
    def grain(self) -> tuple[float, ...]:
        """Fine noise of the images at each gray level, as ``measure_grain`` gives it."""
        return measure_grain(self.images[:, 0].numpy())

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all pixels and states: tells whether a checkpoint was trained on the same data."""
        digest = hashlib.sha256(self.images.numpy().tobytes())
        digest.update(self.states.numpy().tobytes() + " ".join(self.findings).encode())
        return digest.hexdigest()

    def only(self, finding: str) -> "TrainingData":
        """The images on which one finding is labelled, the other findings unspecified.

        Raises CohortError when there is none.
        """
        column = self.findings.index(finding)
        labelled = self.states[:, column] != UNSPECIFIED
        if not labelled.any():
            raise CohortError(f"{finding}: no training image is labelled present or absent; leave this finding out")
        states = torch.full_like(self.states[labelled], UNSPECIFIED)
        states[:, column] = self.states[labelled, column]
        return TrainingData(self.images[labelled], states, self.findings)

    def batch(self, indices: Tensor, device: torch.device | str = "cpu") -> tuple[Tensor, Tensor]:
        """Images float32 (batch, 1, size, size) in -1..1, and their states int8 (batch, findings), on a device.

        They travel as bytes, a quarter of what they are as numbers.
        """
        return self.images[indices].to(device).float() / 127.5 - 1, self.states[indices].to(device)

    def order(self, seed: int, step: int, batch: int) -> Tensor:
        """Indices int64 (batch,) of the images of one step.

        Every image is seen once per epoch, in an order of its own per seed and epoch. Depends on nothing but the
        arguments, so a resumed training draws the same batches as an unbroken one.
        """
        positions = np.arange(step * batch, (step + 1) * batch)
        epochs, offsets = positions // len(self), positions % len(self)
        drawn = [_permutation(seed, int(e), len(self))[o] for e, o in zip(epochs, offsets, strict=True)]
        return torch.from_numpy(np.asarray(drawn, dtype=np.int64))
