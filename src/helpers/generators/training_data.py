"""The training split of a cohort, read from its file as batches need it, and the order in which images are drawn."""

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from helpers import tables
from helpers.errors import CohortError, ParameterError
from helpers.findings import ORIGINAL, UNSPECIFIED, Findings
from helpers.generators.phantom_outlines import Outlines
from helpers.pixels import PixelFile, place_of

BLOCK = 1024  # images in memory at a time when going through all of them


@lru_cache(maxsize=4)
def _permutation(seed: int, epoch: int, count: int) -> np.ndarray:
    return np.random.default_rng([seed, epoch]).permutation(count)


@lru_cache(maxsize=2)
def _grouped_permutation(seed: int, epoch: int, patients: Tensor, most: int) -> np.ndarray:
    """All indices in groups of up to ``most`` of one patient, in random order within and between groups."""
    order = _permutation(seed, epoch, len(patients))
    patient = pd.Series(patients.numpy()[order])
    _, group = np.unique([patient, patient.groupby(patient).cumcount() // most], axis=1, return_inverse=True)
    return order[np.argsort(pd.factorize(group.ravel())[0], kind="stable")]


@dataclass(frozen=True, eq=False)
class TrainingData:
    """Images and their states int8 (n, findings), in the order of ``findings``.

    ``images`` are in memory, uint8 (m, 1, size, size) in 0..255, or in a file, from which ``pixels`` reads what is
    needed. ``rows`` int64 (n,) are the indices of the images in use; None for all of them, n = m. ``factor`` is the
    reduction per side that is applied whenever pixels are read. ``texts`` are the reports of the images, None for an
    image without one; empty if no image has one. ``patients`` int64 (n,) says which images are of the same patient;
    None if that is not known. ``outlines`` uint8 (n, masks, side, side) tells where findings are, in 255ths of squares;
    None if it does not.
    """

    images: Tensor | PixelFile
    states: Tensor
    rows: Tensor | None = None
    findings: tuple[str, ...] = ORIGINAL.names
    factor: int = 1
    texts: tuple[str | None, ...] = ()
    patients: Tensor | None = None
    outlines: Tensor | None = None

    @classmethod
    def from_cohort(
        cls, cohort_csv: str | Path, run_folder: str | Path, findings: Findings, outlined: Outlines | None = None
    ) -> "TrainingData":
        """The training split of a cohort table; its paths are relative to ``run_folder``.

        ``outlined`` gives the outlines of its images by their ids. Raises CohortError if the split is empty or its
        images are not all in one file, ImageError for a bad file.
        """
        cohort = tables.read_table(cohort_csv, tables.cohort_schema(findings))
        cohort = cohort[cohort["split"] == "train"].sort_values("image_id", kind="stable")
        if cohort.empty:
            raise CohortError(f"{cohort_csv}: no image has split 'train'; training needs some")
        places = [place_of(path) for path in cohort["path"]]
        files = {found and found[0] for found in places}
        if len(files) > 1 or None in files:
            path = cohort["path"].iloc[places.index(None) if None in files else 0]
            raise CohortError(f"{cohort_csv}: {path}: images must be rows of one images.npy; run 01_cohort again")
        states = torch.from_numpy(findings.condition_labels(cohort))
        file, rows = PixelFile.open(Path(run_folder) / files.pop()), torch.tensor([row for _, row in places])
        texts = cohort["text"].astype(object).where(cohort["text"].notna(), None) if "text" in cohort else ()
        patients = torch.from_numpy(pd.factorize(cohort["patient_id"])[0])
        outlines = outlined(cohort["image_id"].tolist()) if outlined else None
        return cls(file, states, rows, findings.names, texts=tuple(texts), patients=patients, outlines=outlines)

    def __len__(self) -> int:
        return len(self.states)

    @property
    def size(self) -> int:
        """Width and height of the images, pixels."""
        return (self.images.size if isinstance(self.images, PixelFile) else self.images.shape[-1]) // self.factor

    def pixels(self, indices: Tensor | np.ndarray) -> Tensor:
        """Selected images, uint8 (k, 1, size, size), by their indices in the split, int64 (k,)."""
        chosen = torch.as_tensor(indices) if self.rows is None else self.rows[indices]
        if isinstance(self.images, PixelFile):
            pixels = torch.from_numpy(self.images[chosen.numpy()])[:, None]
        else:
            pixels = self.images[chosen]
        return pixels if self.factor == 1 else avg_pool2d(pixels.float(), self.factor).round().byte()

    def drawn_at(self, drawn_size: int | None) -> "TrainingData":
        """The same images as generators draw them: reduced to ``drawn_size`` pixels per side, or unchanged if None.

        Raises ParameterError if pixels would not be means of whole squares.
        """
        if drawn_size is None:
            return self
        if drawn_size < 1 or self.size % drawn_size:
            raise ParameterError(
                f"drawn_size = {drawn_size}: the study's images have {self.size} pixels a side, which must be a "
                "multiple of it; change it, set it to null, or set size in 01_cohort"
            )
        return replace(self, factor=self.factor * self.size // drawn_size)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all pixels and states, which tells whether a checkpoint was trained on the same data."""
        digest = hashlib.sha256()
        for indices in torch.arange(len(self)).split(BLOCK):
            digest.update(self.pixels(indices).numpy())
        digest.update(self.states.numpy().tobytes() + " ".join(self.findings).encode())
        digest.update(repr(self.texts).encode() if self.texts else b"")
        for more in (self.patients, self.outlines):
            digest.update(b"" if more is None else more.numpy().tobytes())
        return digest.hexdigest()

    def only(self, finding: str) -> "TrainingData":
        """The images on which one finding is labelled, with the other findings unspecified.

        Raises CohortError if there are none.
        """
        column = self.findings.index(finding)
        labelled = self.states[:, column] != UNSPECIFIED
        if not labelled.any():
            raise CohortError(f"{finding}: no training image is labelled present or absent; leave this finding out")
        states = torch.full_like(self.states[labelled], UNSPECIFIED)
        states[:, column] = self.states[labelled, column]
        rows = torch.arange(len(self)) if self.rows is None else self.rows
        texts = tuple(text for text, chosen in zip(self.texts, labelled.tolist(), strict=False) if chosen)
        more = {name: getattr(self, name) for name in ("patients", "outlines")}
        more = {name: None if values is None else values[labelled] for name, values in more.items()}
        return replace(self, states=states, rows=rows[labelled], texts=texts, **more)

    def batch(self, indices: Tensor, device: torch.device | str = "cpu") -> tuple[Tensor, Tensor]:
        """Images float32 (batch, 1, size, size) in -1..1, and their states int8 (batch, findings), on a device.

        Pixels are transferred as bytes, a quarter of their size as float32.
        """
        return self.pixels(indices).to(device).float() / 127.5 - 1, self.states[indices].to(device)

    def order(self, seed: int, step: int, batch: int, same_patient: int = 1) -> Tensor:
        """Indices int64 (batch,) of the images of one step.

        Every image is seen once per epoch, in an order that differs by seed and epoch, with up to ``same_patient``
        images of one patient in a row. The order depends only on the arguments, so a resumed training draws the same
        batches as an uninterrupted one.
        """
        positions = np.arange(step * batch, (step + 1) * batch)
        epochs, offsets = positions // len(self), positions % len(self)
        orders = {epoch: self._order(seed, epoch, same_patient) for epoch in np.unique(epochs).tolist()}
        drawn = [orders[int(e)][o] for e, o in zip(epochs, offsets, strict=True)]
        return torch.from_numpy(np.asarray(drawn, dtype=np.int64))

    def _order(self, seed: int, epoch: int, same_patient: int) -> np.ndarray:
        if same_patient == 1 or self.patients is None:
            return _permutation(seed, epoch, len(self))
        return _grouped_permutation(seed, epoch, self.patients, same_patient)
