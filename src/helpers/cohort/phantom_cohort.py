"""The phantom cohort: computed images whose ground truth is known."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.cohort.listing import Kind, Listing
from helpers.cohort.phantom import image_id, render
from helpers.cohort.phantom.disease import DRAWN
from helpers.cohort.phantom.report import report
from helpers.cohort.settings import Settings

NOTE = "Images are computed phantoms, not X-rays of people; every label is what was drawn."


@dataclass(frozen=True)
class PhantomReader:
    """Renders a phantom from the seed and its source, with a report; both depend on nothing else.

    ``source`` is the number of the patient, or the numbers of the patient and the visit: "7", "7-1".
    """

    seed: int
    size: int
    equalization: float | None = None

    def __call__(self, source: str) -> tuple[np.ndarray, dict]:
        numbers = [int(number) for number in source.split("-")]
        patient, visit = numbers if len(numbers) > 1 else (*numbers, 0)
        phantom = render(self.seed, patient, size=self.size, equalization=self.equalization, visit=visit)
        return phantom.image, phantom.facts | {"text": report(phantom.facts, [self.seed, *numbers])}


def list_images(settings: Settings) -> Listing:
    """List ``settings.images`` phantoms, of patients with ``settings.visits`` images each.

    Their labels and other facts come with the images.
    """
    seen = [divmod(index, settings.visits or 1) for index in range(settings.images)]
    table = pd.DataFrame(
        {
            "image_id": [image_id(*numbers) for numbers in seen],
            "patient_id": [f"patient-{patient:06d}" for patient, _ in seen],
            "source": [f"{patient}-{visit}" if visit else str(patient) for patient, visit in seen],
        }
    )
    return Listing(table, PhantomReader(settings.seed, settings.size, settings.equalization), notes=(NOTE,))


KIND = Kind(
    "phantom",
    list_images,
    splits=("patient",),
    needs=("images",),
    uses=("fractions", "equalization", "visits"),
    computed=True,
    draws=DRAWN,
)
