"""Does the diffusion model of a run obey its words? ``python scripts/words_obeyed.py [--run RUN] [--images N]``.

Draws images of phantoms for sentences, with seeds that no study uses, and measures

side        of large effusions asked for on one side, the share with more fluid on that side
degree      rank correlation of the degree asked for with what is measured: area of fluid, area of opacity,
            cardiothoracic ratio
negation    area of fluid where an effusion is denied, beside that where nothing is said of it
both        an effusion and a large heart in one sentence each: area of fluid and ratio, beside those of one alone
phrases     area under the ROC curve of what was asked for (present against absent), in phrases of the training and in
            phrases that no training sees, by a classifier trained on other phantoms

judge       what the two judges make of phantoms that they have not seen: read the rest in this light

Areas and ratios come from a network that is trained here on the masks of other phantoms. Prints the measures and writes
measures.csv and a sheet of images, by default to ``build/words-obeyed``. The same arguments give the same numbers.
"""

import argparse
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scipy.special import expit
from scipy.stats import spearmanr

from helpers.cohort.phantom import phrases, render
from helpers.files import write_png, write_text
from helpers.findings import ORIGINAL
from helpers.generators.sources import complete_specs, load
from helpers.image_metrics.condition import auroc
from helpers.image_metrics.features import ClassifierShape, applied, fit_size
from helpers.image_metrics.images import in_range, probabilities_of
from helpers.image_metrics.segmentation import train_outlines
from helpers.image_metrics.training import ClassifierTraining, train_classifier
from helpers.progress import track
from helpers.runs import PROJECT, Run

MASKS = THORAX, HEART, FLUID, OPACITY = ("thorax", "heart", "pleural_effusion", "lung_opacity")
SERIES, SIDE = 7004, 128  # phantoms that no params file uses; pixels at which images are judged
UNSEEN = 200  # further phantoms, by which the judges are judged
SIDES = {side: f"Large {side} pleural effusion." for side in ("left", "right")}
DEGREES = {
    "fluid": [f"{word.capitalize()} pleural effusion on the left." for word in phrases.DEGREES["pleural_effusion"]],
    "opacity": [f"{word.capitalize()} opacity in the right lower lung." for word in phrases.DEGREES["lung_opacity"]],
    "ratio": [f"The heart is {word} enlarged." for word in phrases.DEGREES["enlarged_cardiac_silhouette"]],
}
DENIED, UNASKED = "No pleural effusion.", "PA view."
BOTH = "Large left pleural effusion. The heart is severely enlarged."


def known_phantoms(numbers: range) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Phantoms at ``SIDE`` pixels: images uint8 (n, s, s), masks bool (n, 4, s, s), states int8 (n, 4)."""
    images, masks, states = [], [], []
    for index in track(numbers, "Phantoms for the judges"):
        phantom = render(SERIES, index, size=SIDE)
        images.append(np.rint(phantom.image * 255).astype(np.uint8))
        masks.append(np.stack([phantom.masks[name] for name in MASKS]))
        states.append([int(phantom.facts[name]) for name in ORIGINAL.names])
    return np.stack(images), np.stack(masks), np.array(states, dtype=np.int8)


def measured(network, images: np.ndarray) -> pd.DataFrame:
    """Of each image the parts of the thorax that are fluid and opacity, fluid by side, and the cardiothoracic ratio.

    From the network's probabilities, not from outlines cut at one half, as in ``image_metrics.physics``.
    """
    pixels = fit_size(in_range(images), SIDE).astype(np.float32)
    return of_masks(expit(applied(network, pixels, SIDE, torch.device("cpu"))))


def of_masks(masks: np.ndarray) -> pd.DataFrame:
    """The same of masks (n, 4, s, s), or of their probabilities."""
    area, width = masks.sum(axis=(2, 3)), masks.max(axis=2).sum(axis=2)
    fluid, thorax = masks[:, MASKS.index(FLUID)], np.maximum(area[:, MASKS.index(THORAX)], 1)
    table = pd.DataFrame({"fluid": fluid.sum(axis=(1, 2)) / thorax, "opacity": area[:, MASKS.index(OPACITY)] / thorax})
    table["ratio"] = width[:, MASKS.index(HEART)] / np.maximum(width[:, MASKS.index(THORAX)], 1)
    right, left = (half.sum(axis=(1, 2)) for half in np.split(fluid, 2, axis=2))  # the patient's right comes first
    return table.assign(right=right, left=left)


def of_judges(network, judge, phantoms: tuple) -> list[tuple]:
    """How far the judges can be trusted: on phantoms that they have not seen, against what was drawn."""
    images, masks, states = phantoms
    seen, true = measured(network, images), of_masks(masks.astype(float))
    rows = [("judge", f"{name}: rank correlation", spearmanr(seen[name], true[name]).statistic) for name in DEGREES]
    sided = (true["left"] > 2 * true["right"]) | (true["right"] > 2 * true["left"])
    agreed = (seen["left"] > seen["right"])[sided] == (true["left"] > true["right"])[sided]
    rows.append(("judge", "side of fluid, right", agreed.mean()))
    scores = probabilities_of(judge, images)
    rows += [("judge", f"AUROC, {f}", auroc(states[:, k], scores[:, k]).value) for k, f in enumerate(ORIGINAL.names)]
    return [(*row, None, None, len(images)) for row in rows]


def phrased(ways: dict, finding: str, state: int, rng: np.random.Generator) -> str:
    """A sentence that a finding is present or absent, in one of these ways."""
    if state == 0:
        heart = finding == "enlarged_cardiac_silhouette"
        return phrases.say(ways["normal_heart" if heart else "none"], rng, things=phrases.THINGS.get(finding, ""))
    filled = {"degree": str(rng.choice(phrases.DEGREES[finding])), "side": str(rng.choice(["left", "right"]))}
    return phrases.say(ways[finding], rng, **filled, zone="lower", kind=str(rng.choice(list(phrases.KINDS.values()))))


def of_phrases(judge, draw: Callable, count: int) -> list[tuple]:
    """Areas of what was asked for, by finding, in trained and in held-out phrases."""
    rows, rng = [], np.random.default_rng(SERIES)
    for place, finding in enumerate(ORIGINAL.names):
        for name, ways in (("trained", phrases.TRAINED), ("held out", phrases.HELD_OUT)):
            scores = []
            for state in (1, 0):
                sentences = [phrased(ways, finding, state, rng) for _ in range(count)]
                images = np.concatenate([draw(text, 1, seed) for seed, text in enumerate(sentences)])
                scores.append(probabilities_of(judge, images)[:, place])
            area = auroc(np.repeat([1, 0], count), np.concatenate(scores))
            rows.append(("phrases", f"AUROC, {finding}, {name}", area.value, area.low, area.high, 2 * count))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", default="quick")
    parser.add_argument("--images", type=int, default=100, help="images of each sentence")
    parser.add_argument("--phantoms", type=int, default=1500, help="phantoms that the judges learn from")
    parser.add_argument("--guidance", type=float, default=3.0)
    parser.add_argument("--steps", type=int, default=15)
    parser.add_argument("--out", type=Path, default=PROJECT / "build" / "words-obeyed", metavar="FOLDER")
    options = parser.parse_args()
    run, count = Run(options.run), options.images
    (spec,) = complete_specs([{"source": "diffusion", "kind": "text_to_image"}], run, size=SIDE)
    model = load(spec, ORIGINAL)
    sheet = {}

    def draw(text: str, images: int, first: int = 0) -> np.ndarray:
        seeds = range(SERIES + first, SERIES + first + images)
        made = np.rint(model.draw(text, seeds, guidance=options.guidance, steps=options.steps) * 255).astype(np.uint8)
        sheet.setdefault(text, made[:6])
        return made

    images, masks, states = known_phantoms(range(options.phantoms))
    network = train_outlines(images, masks, 8, SERIES)
    judge, _ = train_classifier(
        images, states, np.arange(len(images)), ClassifierShape(SIDE), ClassifierTraining(epochs=8), SERIES
    )
    rows = of_judges(network, judge, known_phantoms(range(options.phantoms, options.phantoms + UNSEEN)))

    @cache
    def values(text: str) -> pd.DataFrame:
        return measured(network, draw(text, count))

    for side, text in SIDES.items():
        other = "right" if side == "left" else "left"
        share = (values(text)[side] > values(text)[other]).mean()
        rows.append(("side", f"{side}: more fluid there", share, None, None, count))
    for name, texts in DEGREES.items():
        asked = np.repeat(range(len(texts)), count)
        seen = np.concatenate([values(text)[name] for text in texts])
        rows.append(("degree", f"{name}: rank correlation", spearmanr(asked, seen).statistic, None, None, len(seen)))
        rows += [("degree", f"{name}: {text}", values(text)[name].mean(), None, None, count) for text in texts]
    for text in (DENIED, UNASKED):
        rows.append(("negation", f"fluid: {text}", values(text)["fluid"].mean(), None, None, count))
    for text in (BOTH, SIDES["left"], DEGREES["ratio"][-1]):
        for name in ("fluid", "ratio"):
            rows.append(("both", f"{name}: {text}", values(text)[name].mean(), None, None, count))
    rows += of_phrases(judge, draw, count)

    table = pd.DataFrame(rows, columns=["part", "what", "value", "low", "high", "n"])
    options.out.mkdir(parents=True, exist_ok=True)
    write_text(options.out / "measures.csv", table.to_csv(index=False))
    whole = [np.concatenate(list(made), axis=1) for made in sheet.values() if len(made) == 6]
    write_png(options.out / "sheet.png", np.concatenate(whole) / np.float32(255))
    print(table.round(3).to_string(index=False))
    print(f"Measures, and images of {', '.join(t for t in sheet if len(sheet[t]) == 6)}: {options.out}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
