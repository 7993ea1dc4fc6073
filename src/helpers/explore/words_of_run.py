"""What is needed to prompt the generators of a run in words: the generators, and the judges of what they show."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from helpers.cohort.phantom import Phantom, drawn_again
from helpers.dependencies import code_of
from helpers.errors import ParameterError, SampleError
from helpers.files import eight_bits, sha256
from helpers.findings import Findings, title_of
from helpers.generators.drawing_threads import drawing_threads
from helpers.generators.sources import load, options_of, specs_of
from helpers.generators.text_to_image import TextToImage
from helpers.image_metrics import obedience
from helpers.image_metrics.calibration import at_equal_odds
from helpers.image_metrics.condition import auroc
from helpers.image_metrics.features import FindingClassifier, load_classifier, weights_digest
from helpers.image_metrics.images import held_out, probabilities_of
from helpers.image_metrics.obedience import OUTLINED, RULERS, measured, of_masks
from helpers.image_metrics.physics import Outlining, learn_outlines
from helpers.image_metrics.segmentation import UNet
from helpers.image_metrics.sentences import MEASURES, SIDE
from helpers.progress import track
from helpers.provenance import cohort_seed, read_manifest
from helpers.runs import Run
from helpers.tables import cohort_schema, read_table

TRIED_ON = 200  # phantoms at most, none of them used to train a judge
AT_ONCE = 8  # images drawn by a thread
SEED = 900_000  # the first of the seeds, none of which any study uses


@dataclass(frozen=True)
class Judges:
    """Judges of what images show: a classifier and, if there is an ``outliner``, a ruler at ``size`` pixels.

    ``labels`` int8 (m, findings) are those of the classifier's training images.
    """

    classifier: FindingClassifier
    findings: Findings
    labels: np.ndarray
    outliner: UNet | None
    size: int

    @property
    def ruled(self) -> bool:
        """Whether areas, sides and heights are measured."""
        return self.outliner is not None

    @property
    def measures(self) -> tuple[str, ...]:
        """Columns of the table that ``judge`` returns."""
        return (*(f"seen_{name}" for name in self.findings.names), *(RULERS if self.ruled else ()))

    @property
    def digests(self) -> dict[str, str]:
        """Digests that identify the judges."""
        return {"classifier": self.classifier.sha256} | (
            {"outliner": weights_digest(self.outliner)} if self.ruled else {}
        )

    @property
    def named(self) -> str:
        """The judges for a figure's note."""
        return ", ".join(f"{name} {digest[:12]}" for name, digest in self.digests.items())

    def judge(self, images: np.ndarray) -> pd.DataFrame:
        """What uint8 images (n, s, s) show, one row each."""
        chances = at_equal_odds(probabilities_of(self.classifier, images), self.labels)
        table = pd.DataFrame(chances, columns=self.measures[: len(self.findings)])
        return table.join(measured(self.outliner, images, self.size)) if self.ruled else table

    def accuracy(self, phantoms: Sequence[Phantom]) -> pd.DataFrame:
        """How well the judges do on phantoms that they have not seen: judge, what, value, n."""
        seen = self.judge(np.stack([np.rint(phantom.image * 255).astype(np.uint8) for phantom in phantoms]))
        true = of_masks(np.stack([[phantom.masks[name] for name in OUTLINED] for phantom in phantoms]).astype(float))
        rows = []
        for (finding, factor), name in MEASURES.items():
            has = np.array([phantom.facts[finding] for phantom in phantoms]) == 1
            if factor == SIDE:
                has &= np.abs(true[name] - 0.5).to_numpy() > 0.25
                right = ((seen[name] > 0.5) == (true[name] > 0.5))[has].mean()
                rows.append(("ruler", f"{title_of(finding)}: side named", right, has.sum()))
            elif has.sum() > 1:
                right = spearmanr(seen[name][has], true[name][has]).statistic
                rows.append(("ruler", f"{title_of(finding)}: rank correlation, {factor}", right, has.sum()))
        for finding in self.findings:
            truth = np.array([phantom.facts[finding.name] for phantom in phantoms])
            area = auroc(truth, seen[f"seen_{finding.name}"].to_numpy()).value
            rows.append(("classifier", f"{finding.title}: AUROC", area, len(truth)))
        return pd.DataFrame(rows, columns=["judge", "what", "value", "n"])


@dataclass(frozen=True)
class Told:
    """A source prompted in words; ``made_by`` is all that its images depend on except the words and seeds."""

    spec: Mapping
    generator: TextToImage
    made_by: Mapping

    def draw(self, sentence: str, seeds: Sequence[int]) -> np.ndarray:
        """Images uint8 (n, size, size), drawn as in notebook 04."""
        parts, options = (
            [seeds[start : start + AT_ONCE] for start in range(0, len(seeds), AT_ONCE)],
            options_of(self.spec),
        )
        with drawing_threads(os.cpu_count() or 1) as pool:
            made = list(pool.map(lambda part: self.generator.draw(sentence, part, **options), parts))
        return eight_bits(np.concatenate(made))


def told_in_words(run: Run, findings: Findings) -> dict[str, Told]:
    """The sources of a run that are prompted in words, by name.

    Raises RunError if notebook 04 has not finished, SampleError if the run has no such source.
    """
    specs = specs_of(run, read_manifest(run, "04_sample")["parameters"])
    chosen = [spec for spec in specs if spec["kind"] == "text_to_image"]
    if not chosen:
        raise SampleError(f"run {run.name!r}: none of its sources ({_names(specs)}) is told in words; nothing to ask")
    samples, found = sha256(run.manifest("04_sample")), {}
    for spec in chosen:
        generator = load(spec, findings)
        code = code_of(*generator.modules, obedience.__name__, __name__)
        found[spec["source"]] = Told(spec, generator, {**spec, "samples": samples, "code": code})
    return found


def templates_of(sources: Mapping[str, Told]) -> dict[str, Mapping[tuple[str, int], str]]:
    """The prompt templates that any of the sources uses for the study, by name."""
    return {name: words for told in sources.values() for name, words in told.generator.words.items()}


def seeds_for(images: int) -> range:
    """Seeds of the images of each sentence. Raises ParameterError for fewer than two, which give no interval."""
    if images < 2:
        raise ParameterError(f"images = {images}: at least 2 images of each sentence are needed for an interval")
    return range(SEED, SEED + images)


def _names(specs: Sequence[Mapping]) -> str:
    return ", ".join(spec["source"] for spec in specs)


def judges_of(run: Run, findings: Findings, outlining: Outlining, size: int, seed: int) -> Judges:
    """The classifier of notebook 05 and, if real images are phantoms, a ruler: a network that outlines what they
    show, trained here on the masks of ``outlining.images`` phantoms at ``size`` pixels.

    Raises RunError if notebook 05 has not finished.
    """
    read_manifest(run, "05_image_metrics")
    classifier = load_classifier(run.stage_folder("05_image_metrics") / "classifier.safetensors")
    cohort = read_table(run.stage_folder("01_cohort") / "cohort.csv", cohort_schema(findings))
    train, made_from = cohort[cohort["split"] == "train"], read_manifest(run, "01_cohort")["parameters"]
    outliner = None
    if made_from["cohort"] == "phantom":
        outliner = learn_outlines(train, made_from["seed"], size, outlining, seed, OUTLINED)
    return Judges(classifier, findings, findings.condition_labels(train), outliner, size)


def unseen_phantoms(run: Run, findings: Findings, size: int) -> list[Phantom]:
    """Phantoms of a run on which neither judge was trained, drawn again at ``size`` pixels."""
    cohort = read_table(run.stage_folder("01_cohort") / "cohort.csv", cohort_schema(findings))
    seed = cohort_seed(run)
    names = held_out(cohort)["image_id"][:TRIED_ON]
    return [drawn_again(seed, name, size) for name in track(names, "Phantoms to try the judges on")]
