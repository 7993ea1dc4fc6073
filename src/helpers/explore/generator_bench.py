"""A run's generators, ready to draw: an image from findings, seed and options, and what the run's classifier sees."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property

import numpy as np
import pandas as pd
import torch

from helpers.errors import SampleError, StudyError
from helpers.explore.material import Material
from helpers.findings import UNSPECIFIED
from helpers.generators.between import Between
from helpers.generators.cell_images import check
from helpers.generators.image_generator import ImageGenerator
from helpers.generators.sources import load, options_of, specs_of
from helpers.generators.text_to_image import to_gray
from helpers.image_metrics import calibration
from helpers.image_metrics.features import load_classifier
from helpers.image_metrics.images import probabilities_of
from helpers.provenance import read_manifest

OF_CELLS = ("external",)  # kinds that cannot draw arbitrary combinations of findings
OnStep = Callable[[int, np.ndarray], None]


class GeneratorBench:
    """The generators that notebook 04 drew with, loaded on first use.

    Raises RunError if notebook 04 has not finished, and whatever ``specs_of`` raises.
    """

    def __init__(self, material: Material):
        self.material, run = material, material.run
        specs = specs_of(run, read_manifest(run, "04_sample")["parameters"])
        self.specs = {spec["source"]: spec for spec in specs if spec["kind"] not in OF_CELLS}
        self._loaded: dict[str, ImageGenerator] = {}

    def options(self, source: str) -> dict:
        """What notebook 04 drew with: truncation and emphasis of a GAN; guidance and steps of diffusion."""
        return options_of(self.specs[source])

    def is_fast(self, source: str) -> bool:
        """Whether an image is drawn at once."""
        return "steps" not in self.options(source)

    def generator(self, source: str) -> ImageGenerator:
        """The generator of a source; raises CheckpointError or SampleError if it cannot be loaded."""
        if source not in self._loaded:
            self._loaded[source] = load(self.specs[source], self.material.findings)
        return self._loaded[source]

    def is_told_in_words(self, source: str) -> bool:
        """Whether a source is prompted in words."""
        return self.specs[source]["kind"] == "text_to_image"

    def words(self, source: str, states: Mapping[str, int]) -> str:
        """How the first template of a source asks for these states; empty if none is specified."""
        if all(state == UNSPECIFIED for state in states.values()):
            return ""
        return self.generator(source).prompt(self._condition(states))

    def _condition(self, states: Mapping[str, int]) -> np.ndarray:
        return np.array([states.get(name, UNSPECIFIED) for name in self.material.findings.names], dtype=np.int8)

    def draw(
        self, source: str, asked: Mapping[str, int] | str, seed: int | Between, options: Mapping,
        on_step: OnStep | None = None, more: tuple[str, float] | None = None,
    ) -> np.ndarray:  # fmt: skip
        """One image, uint8 (size, size), as notebook 04 would make it.

        ``asked``: 1, 0 or -1 (unspecified) for each finding, or words for a source prompted in words. ``more``: a
        finding and how much of it, 0 as if absent, 1 as if present, 2 as far again beyond that; all else stays the
        same. ``on_step`` is called with the number of each evaluation and the clean image that diffusion predicts.
        Raises SampleError for what the generator cannot draw.
        """
        generator = self.generator(source)
        if not isinstance(seed, Between):
            seed = int(seed)
        with _watched(generator, on_step):
            if isinstance(asked, str):
                images = generator.draw(asked, [seed], **options)
            elif more is None:
                images = generator.sample(self._condition(asked), [seed], **options)
            else:
                name, share = more
                ends = tuple(self._condition({**asked, name: state}) for state in (0, 1))
                images = generator.walk(ends, seed, [share], **options)
        if images is None:
            raise SampleError(f"source {source!r} knows no way from a finding’s absence to its presence")
        check(images, 1, f"source {source!r}, seed {seed}")
        return np.rint(images[0] * 255).astype(np.uint8)

    @cached_property
    def _judge(self):
        """The run's classifier, and the labels used to bring its probabilities to equal odds."""
        classifier = load_classifier(self.material.run.stage_folder("05_image_metrics") / "classifier.safetensors")
        cohort = self.material.cohort
        train = cohort[cohort["split"] == "train"]
        labels = train[list(self.material.findings.names)].apply(pd.to_numeric)
        return classifier, self.material.findings.condition_labels(labels)

    def seen(self, image: np.ndarray) -> dict[str, float]:
        """Probability of each finding at equal odds by the run's classifier; empty if the run has none yet."""
        try:
            classifier, labels = self._judge
        except (StudyError, TypeError):
            return {}
        found = calibration.at_equal_odds(probabilities_of(classifier, image[None]), labels)[0]
        return dict(zip(self.material.findings.names, map(float, found), strict=True))


@contextmanager
def _watched(generator: ImageGenerator, on_step: OnStep | None) -> Iterator[None]:
    """Within the context, call ``on_step`` at every evaluation of a diffusion network that predicts clean images."""
    pipeline = getattr(generator, "pipeline", None)
    predicted = pipeline.scheduler.config.get("prediction_type") if pipeline is not None else None
    if on_step is None or predicted != "sample":
        yield
        return
    done = 0

    def tell(_module, _inputs, foreseen) -> None:
        nonlocal done
        done += 1
        latents = foreseen[0][-1:] / pipeline.vae.config.scaling_factor
        with torch.inference_mode():
            image = pipeline.vae.decode(latents, return_dict=False)[0]
        gray = to_gray((image / 2 + 0.5).clamp(0, 1).float().cpu(), generator.size)[0]
        on_step(done, np.rint(gray * 255).astype(np.uint8))

    hook = pipeline.unet.register_forward_hook(tell)
    try:
        yield
    finally:
        hook.remove()
