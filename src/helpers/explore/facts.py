"""What is known about a case: truth, facts of the phantom, scores and nearest training images, as readable lines."""

import numpy as np
import pandas as pd

from helpers.cohort.phantom import drawn_again
from helpers.errors import StudyError
from helpers.explore.material import Material
from helpers.figures.style import finding_title, source_title
from helpers.provenance import cohort_seed
from helpers.tables import REAL

SCORES = {
    "distance": "Distance to training images",
    "density": "Density among real images",
    "discriminator": "Discriminator (higher: more synthetic)",
}
STATES = {1: "present", 0: "absent", -1: "uncertain"}
MASK_SIZE = 128  # pixels
SHOWN_TRUTH = {"ctr": "Cardiothoracic ratio", "habitus": "Habitus", "inspiration": "Inspiration"}


class Facts:
    """Facts of a run's images, by image_id."""

    def __init__(self, material: Material):
        self.material = material
        self._cohort = _Rows(material.cohort)
        self._samples = _Rows(material.samples)
        self._scores = _Rows(material.metric_table("image_scores"))
        self._nearest = material.metric_table("nearest")
        self._near_of = {} if self._nearest is None else self._nearest.groupby("image_id").indices

    def source_of(self, image_id: str) -> str:
        """Source of an image; "real" for an image of the cohort."""
        return self._samples.of(image_id)["source"] if image_id in self._samples else REAL

    def of(self, image_id: str) -> list[tuple[str, str]]:
        """Names and values of what is known about one image."""
        lines = [("Image", image_id), ("Source", source_title(self.source_of(image_id)))]
        lines += self._asked(image_id) + self._labels(image_id) + self._of_phantom(image_id)
        scores = self._scores.of(image_id)
        lines += [(title, f"{float(scores[name]):.2f}") for name, title in SCORES.items() if name in scores]
        seen = [f"{finding_title(n)} {float(scores[n]):.0%}" for n in self.material.findings.names if n in scores]
        lines += [("Classifier sees", ", ".join(seen))] if seen else []
        return lines + [(f"Nearest in training, {space}", text) for space, text in self._near(image_id)]

    def _asked(self, image_id: str) -> list[tuple[str, str]]:
        row = self._samples.of(image_id)
        if not row:
            return []
        lines = [("Asked for", f"{finding_title(row['finding'])} {STATES[int(row['present'])]}")]
        known = {"prompt": "Prompt", "seed": "Seed", "guidance": "Guidance"}
        return lines + [(title, str(row[name])) for name, title in known.items() if pd.notna(row.get(name))]

    def _labels(self, image_id: str) -> list[tuple[str, str]]:
        row = self._cohort.of(image_id)
        if not row:
            return []
        states = [(finding_title(name), row.get(name)) for name in self.material.findings.names]
        lines = [(title, STATES.get(int(float(state)), "?")) for title, state in states if pd.notna(state)]
        patient = [str(row[name]).removesuffix(".0") for name in ("view", "age", "sex") if pd.notna(row.get(name))]
        return lines + ([("Patient", ", ".join(patient))] if patient else [])

    def _of_phantom(self, image_id: str) -> list[tuple[str, str]]:
        truth = self.material.truth
        if truth is None or image_id not in truth.index:
            return []
        row, lines = truth.loc[image_id], []
        for name in self.material.findings.names:
            severity = float(row.get(f"severity_{name}", 0) or 0)
            if severity > 0:
                side = row.get(f"side_{name}")
                lines.append((f"{finding_title(name)}, severity", f"{severity:.2f}{_side(side)}"))
        lines += [(title, f"{float(row[name]):.2f}") for name, title in SHOWN_TRUTH.items() if name in row]
        devices = [name.removeprefix("device_").replace("_", " ") for name in row.index if _is_on(name, row[name])]
        return lines + [("Devices", ", ".join(devices) or "none")]

    def _near(self, image_id: str) -> list[tuple[str, str]]:
        if image_id not in self._near_of:
            return []
        own = self._nearest.iloc[self._near_of[image_id]]
        suspect = [" (suspect)" if str(row.suspect) == "True" else "" for row in own.itertuples()]
        said = zip(own.itertuples(), suspect, strict=True)
        return [(row.space, f"{row.training_image_id}, {float(row.distance):.2f}{mark}") for row, mark in said]

    def nearest(self, image_id: str) -> str | None:
        """The training image nearest by pixels or, without that, in the first space available."""
        if image_id not in self._near_of:
            return None
        own = self._nearest.iloc[self._near_of[image_id]]
        by_pixels = own[own["space"] == "pixels"]
        return str((by_pixels if len(by_pixels) else own)["training_image_id"].iloc[0])

    def masks(self, image_id: str) -> dict[str, np.ndarray]:
        """Masks bool (128, 128) of the findings that a phantom has, drawn again; empty if the image is no phantom."""
        truth = self.material.truth
        if truth is None or image_id not in truth.index:
            return {}
        try:
            seed = cohort_seed(self.material.run)
        except StudyError:
            return {}
        drawn = drawn_again(seed, image_id, MASK_SIZE).masks
        severe = truth.loc[image_id]
        has = [name for name in drawn if float(severe.get(f"severity_{name}", 0) or 0) > 0]
        return {name: drawn[name] for name in has if drawn[name].any()}


class _Rows:
    """Rows of a table by image_id, converted to dictionaries one at a time: a run has too many to convert them all."""

    def __init__(self, table: pd.DataFrame | None):
        self._table = table
        self._places = {} if table is None else dict(zip(table["image_id"], range(len(table)), strict=True))

    def __contains__(self, image_id: str) -> bool:
        return image_id in self._places

    def of(self, image_id: str) -> dict:
        """A row; empty if the image is unknown."""
        return self._table.iloc[self._places[image_id]].to_dict() if image_id in self else {}


def _side(side) -> str:
    return f", {side}" if isinstance(side, str) and side else ""


def _is_on(name: str, value) -> bool:
    return name.startswith("device_") and str(value) in ("1", "1.0", "True")
