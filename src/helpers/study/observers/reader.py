"""One simulated reader: what the trained channels say, blurred by internal noise, cut into the five-point scale."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from helpers.study.observers.learning import Expertise
from helpers.study.session import Answer, Trial

MEDIAN_MS = {"realism_pair": 9000.0, "realism_single": 6000.0, "conditionality": 6000.0}  # of an easy trial
HARDER = 0.7  # logarithm of the time added when there is no evidence either way
TIME_SPREAD = 0.35  # standard deviation of the logarithm of the time
GOLDEN = (5**0.5 - 1) / 2
CUE_NOISE = 0.5  # standard deviations of real images


@dataclass(frozen=True)
class Traits:
    """What makes one reader differ from another, on the scale of the evidence.

    That scale is the log likelihood ratio for findings, and standard deviations of real images for realism.
    ``noise``: standard deviation of the internal noise. ``bias``: shift towards present, right or synthetic.
    ``undetermined``: below this the answer is 0. ``confident``: above this it is +-2. ``pace``: factor on times.
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
    """What the channels say of one image: log likelihood ratio of each finding; deviation ("all" and by cue) from real
    training images, in standard deviations of real images."""

    findings: Mapping[str, float]
    deviation: Mapping[str, float]


def look(values: np.ndarray, expertise: Expertise) -> list[Seen]:
    """What is in the channel values (n, channels) of n images."""
    found = {name: known.evidence(values) for name, known in expertise.discriminants.items()}
    findings, deviation = pd.DataFrame(found), expertise.deviation.scores(values)
    return [Seen(findings.iloc[i].to_dict(), deviation.iloc[i].to_dict()) for i in range(len(values))]


class SimulatedReader:
    """Answers trials from what is seen; the answer depends on the images, the seed, the reader and the trial alone."""

    def __init__(self, reader: str, place: int, seed: int):
        self.reader, self.seed, self.traits = reader, seed, traits_of(reader, place, seed)

    def read(self, trial: Trial, seen: Mapping[str, Seen]) -> Answer:
        """Answer a trial; ``seen`` by image_id."""
        rng = np.random.default_rng([self.seed, 73, _digest(self.reader), _digest(trial.trial_id)])
        images = [seen[image] for image in trial.images]
        decision = decision_variable(trial, images) + self.traits.bias + self.traits.noise * rng.standard_normal()
        strength = abs(decision)
        size = 0 if strength < self.traits.undetermined else 1 if strength < self.traits.confident else 2
        rating = int(np.sign(decision)) * size
        hesitation = HARDER * np.exp(-strength) + TIME_SPREAD * rng.standard_normal()
        active_ms = MEDIAN_MS[trial.task] * self.traits.pace * np.exp(hesitation)
        cue = main_reason(images, rating, rng) if trial.asks_cue and rating else None
        return Answer(rating, cue, None, round(float(active_ms)), 0)


def decision_variable(trial: Trial, images: list[Seen]) -> float:
    """Evidence for a positive rating before noise: the finding is present; the right, or the image, is synthetic.

    Of a pair, the image that deviates more from real training images is taken for the synthetic one; a single image
    is, when it deviates by more than one standard deviation.
    """
    if trial.task == "conditionality":
        return images[0].findings[trial.finding]
    if trial.task == "realism_single":
        return images[0].deviation["all"] - 1.0
    left, right = images
    return (right.deviation["all"] - left.deviation["all"]) / np.sqrt(2)


def main_reason(images: list[Seen], rating: int, rng: np.random.Generator) -> str:
    """The cue whose channels speak most for the decision, with some noise in what a reader notices."""
    cues = [cue for cue in images[0].deviation if cue != "all"]
    towards_right = [images[-1].deviation[cue] - (images[0].deviation[cue] if images[1:] else 0.0) for cue in cues]
    support = np.sign(rating) * np.array(towards_right) + CUE_NOISE * rng.standard_normal(len(cues))
    return cues[int(np.argmax(support))]


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
