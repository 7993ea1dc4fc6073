"""One simulated reader: evidence from trained channels, with internal noise added, cut into the five-point scale."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.study.answer import Answer
from helpers.study.observers.learning import Expertise
from helpers.study.trials import Trial
from helpers.tasks import TASKS, Task

MEDIAN_MS = 3000.0  # of an easy trial: once for the question and once for each image
HARDER = 0.7  # added to the logarithm of the time when there is no evidence either way
TIME_SPREAD = 0.35  # standard deviation of the logarithm of the time
GOLDEN = (5**0.5 - 1) / 2
CUE_NOISE = 0.5  # standard deviations of real images
MARK_NOISE = 0.06  # fraction of the image: standard deviation of a mark's place, for an internal noise of 1
CHEST = (0.2, 0.8)  # fractions of the image between which a mark lies if the finding's region is unknown


@dataclass(frozen=True)
class Traits:
    """What makes one reader differ from another, on the scale of the evidence.

    That scale is the log likelihood ratio for findings, and standard deviations of real images for realism.
    ``noise``: standard deviation of the internal noise. ``bias``: shift towards present, synthetic or the last image.
    ``undetermined``: below this the answer is 0. ``confident``: above this it is +-2. ``pace``: factor for all times.
    """

    noise: float
    bias: float
    undetermined: float
    confident: float
    pace: float


def traits_of(reader: str, place: int, seed: int) -> Traits:
    """Traits of a reader by name and by place among the readers of the plan.

    The noise runs from 0.3 to 1.2 and is spread evenly over the places (golden-ratio steps), so that readers differ.
    """
    rng = np.random.default_rng([seed, 72, _digest(reader)])
    share = (np.random.default_rng([seed, 72]).random() + place * GOLDEN) % 1.0
    return Traits(
        noise=float(0.3 * 4.0**share),
        bias=float(rng.normal(0.0, 0.15)),
        undetermined=float(rng.uniform(0.1, 0.35)),
        confident=float(rng.uniform(0.9, 1.6)),
        pace=float(np.exp(rng.normal(0.0, 0.25))),
    )


@dataclass(frozen=True)
class Seen:
    """What the channels say about one image: log likelihood ratio of each finding; deviation ("all" and by cue) from
    real training images, in standard deviations of real images."""

    findings: Mapping[str, float]
    deviation: Mapping[str, float]


def look(values: np.ndarray, expertise: Expertise) -> list[Seen]:
    """What the channel values (n, channels) of n images show."""
    found = {name: known.evidence(values) for name, known in expertise.discriminants.items()}
    findings, deviation = pd.DataFrame(found), expertise.deviation.scores(values)
    return [Seen(findings.iloc[i].to_dict(), deviation.iloc[i].to_dict()) for i in range(len(values))]


class SimulatedReader:
    """Answers trials from what is seen; the answer depends only on the images, the seed, the reader and the trial."""

    def __init__(self, reader: str, place: int, seed: int):
        self.reader, self.seed, self.traits = reader, seed, traits_of(reader, place, seed)

    def read(self, trial: Trial, seen: Mapping[str, Seen], region: np.ndarray | None = None) -> Answer:
        """Answer a trial; ``seen`` by image_id, ``region`` the mask (bool, height x width) of the finding if known."""
        rng = np.random.default_rng([self.seed, 73, _digest(self.reader), _digest(trial.trial_id)])
        task, images = TASKS[trial.task], [seen[image] for image in trial.images]
        rating, strength = (self._rate if task.ordered else self._choose)(trial, images, rng)
        hesitation = HARDER * np.exp(-strength) + TIME_SPREAD * rng.standard_normal()
        active_ms = MEDIAN_MS * (1 + len(images)) * self.traits.pace * np.exp(hesitation)
        cue = main_reason(task, images, rating, rng) if task.asks_reason(rating) else None
        mark = self.mark(trial, region) if task.marks_finding and task.means[rating] == "present" else None
        return Answer(rating, cue, None, round(float(active_ms)), 0, mark=mark)

    def mark(self, trial: Trial, region: np.ndarray | None) -> tuple[float, float, float, float]:
        """The point where the reader marks a finding called present, as fractions of the image, with size 0.

        It lies near a point of the region, closer for a reader with less noise; anywhere in the chest if there is none.
        """
        rng = np.random.default_rng([self.seed, 74, _digest(self.reader), _digest(trial.trial_id)])
        if region is None or not region.any():
            return (*rng.uniform(*CHEST, 2).tolist(), 0.0, 0.0)
        down, across = rng.choice(np.argwhere(region)) + 0.5
        centre = np.array([across / region.shape[1], down / region.shape[0]])
        place = centre + MARK_NOISE * self.traits.noise * rng.standard_normal(2)
        return (*np.clip(place, 0.0, 1.0).tolist(), 0.0, 0.0)

    def _rate(self, trial: Trial, images: list[Seen], rng: np.random.Generator) -> tuple[int, float]:
        """A rating on the five-point scale, and how strong the evidence for it is."""
        decision = decision_variable(trial, images) + self.traits.bias + self.traits.noise * rng.standard_normal()
        strength = abs(decision)
        size = 0 if strength < self.traits.undetermined else 1 if strength < self.traits.confident else 2
        return int(np.sign(decision)) * size, strength

    def _choose(self, trial: Trial, images: list[Seen], rng: np.random.Generator) -> tuple[int, float]:
        """The place, counted from 1, of the image that seems to deviate most, and by how much more than the next.

        Noise and bias are those of ``_rate``: with two images the answer is as in a pair.
        """
        odd = np.array([image.deviation["all"] for image in images]) + self.traits.noise * rng.standard_normal(
            len(images)
        )
        odd[-1] += np.sqrt(2) * self.traits.bias
        runner_up, highest = np.sort(odd)[-2:]
        return int(np.argmax(odd)) + 1, (highest - runner_up) / np.sqrt(2)


def decision_variable(trial: Trial, images: list[Seen]) -> float:
    """Evidence, before noise, for a positive rating: the finding is present, or the right or only image is synthetic.

    In a pair, the image that deviates more from real training images is taken to be synthetic; a single image is if
    it deviates by more than one standard deviation.
    """
    if TASKS[trial.task].names_finding:
        return images[0].findings[trial.finding]
    if len(images) == 1:
        return images[0].deviation["all"] - 1.0
    left, right = images
    return (right.deviation["all"] - left.deviation["all"]) / np.sqrt(2)


def main_reason(task: Task, images: list[Seen], rating: int, rng: np.random.Generator) -> str:
    """The cue whose channels support the decision most, with some noise in what a reader notices.

    With several images: the cue in which the one called synthetic deviates most beyond the mean of the others.
    """
    cues = [cue for cue in images[0].deviation if cue != "all"]
    deviations = np.array([[image.deviation[cue] for cue in cues] for image in images])  # (images, cues)
    if task.places:
        called = task.places.index(task.means[rating])
        support = deviations[called] - np.delete(deviations, called, axis=0).mean(axis=0)
    else:
        support = np.sign(rating) * deviations[0]
    return cues[int(np.argmax(support + CUE_NOISE * rng.standard_normal(len(cues))))]


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
