"""The phantom cohort: computed images, of which all is known because it was put in."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.cohort.listing import Kind, Listing
from helpers.cohort.phantom import render
from helpers.cohort.phantom.disease import DRAWN
from helpers.cohort.phantom.report import report
from helpers.cohort.settings import Settings

NOTE = "Images are computed phantoms, not X-rays of people; every label is what was drawn."


@dataclass(frozen=True)
class PhantomReader:
    """Renders phantom number ``source`` of a seed, with a report in words; both depend on nothing else."""

    seed: int
    size: int
    equalization: float | None = None

    def __call__(self, source: str) -> tuple[np.ndarray, dict]:
        phantom = render(self.seed, int(source), size=self.size, equalization=self.equalization)
        return phantom.image, phantom.facts | {"text": report(phantom.facts, [self.seed, int(source)])}


def list_images(settings: Settings) -> Listing:
    """``settings.images`` phantoms, each of a patient of its own; what is known of them comes with the image."""
    names = [f"phantom-{index:06d}" for index in range(settings.images)]
    people = [f"patient-{index:06d}" for index in range(settings.images)]
    table = pd.DataFrame({"image_id": names, "patient_id": people, "source": [str(i) for i in range(len(names))]})
    return Listing(table, PhantomReader(settings.seed, settings.size, settings.equalization), notes=(NOTE,))


KIND = Kind(
    "phantom",
    list_images,
    splits=("patient",),
    needs=("images",),
    uses=("fractions", "equalization"),
    computed=True,
    draws=DRAWN,
)
