"""Compares phantoms with real chest X-rays: ``python scripts/phantom_against_real.py [--real FOLDER]``.

FOLDER has images/ and a labels.csv of NIH ChestX-ray14 images (columns image, patient_id, view, and one 0 / 1 column
for each NIH label). Writes a panel (16 phantoms beside 16 real images) and measures.csv to ``--out``, by default
``build/phantom-against-real``, which git ignores, and prints the measures:

look        slope of the radial power spectrum, gray levels, and the distance between their distributions
proportion  cardiothoracic ratio and lung area by a network that outlines organs. It is trained on phantoms: trust it on
            real images only as far as it tells cardiomegaly from other hearts
labels      area under the ROC curve of a classifier trained on phantoms alone, on the labels of the real images

About six minutes on two cores; ``--images`` takes fewer phantoms. The same seed gives the same numbers.
"""

import argparse
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from phantom_segmentation import ORGANS, SIDE, augment, proportions
from scipy.stats import wasserstein_distance

from helpers.cohort.phantom import render
from helpers.figures.phantom import panel_figure
from helpers.figures.style import use_style
from helpers.files import write_text
from helpers.findings import ORIGINAL
from helpers.image_metrics.condition import auroc
from helpers.image_metrics.features import ClassifierShape, fit_size
from helpers.image_metrics.images import in_range, probabilities_of, read_images
from helpers.image_metrics.segmentation import outlines, train_outlines
from helpers.image_metrics.training import ClassifierTraining, train_classifier
from helpers.progress import track
from helpers.runs import PROJECT

NAMES = ORIGINAL.names
NIH_LABELS = ORIGINAL.labels("nih")

LOOK_SIDE, CLASSIFIER_SIDE = 256, 64
BANDS = ((4, 100), (4, 32), (32, 100))  # cycles per image side
SHOWN = 16


def phantoms(seed: int, count: int, side: int, label: str) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Images uint8 (n, side, side), masks bool (n, 3, side, side), truth; rendered on all cores."""

    def one(index: int):
        phantom = render(seed, index, size=side)
        image = np.rint(phantom.image * 255).astype(np.uint8)
        return image, np.stack([phantom.masks[name] for name in ORGANS]), phantom.facts

    work = joblib.Parallel(-1, return_as="generator")(joblib.delayed(one)(index) for index in range(count))
    images, masks, truth = zip(*track(work, label, total=count), strict=True)
    return np.stack(images), np.stack(masks), pd.DataFrame(truth)


def smaller(images: np.ndarray, side: int) -> np.ndarray:
    """uint8 images (n, s, s) resized to another side length, with antialiasing."""
    return np.rint(fit_size(in_range(images), side) * 255).astype(np.uint8)


def slopes(images: np.ndarray, band: tuple[int, int]) -> np.ndarray:
    """Slope of log power over log frequency of each image, (n,): mean removed, Hann window, radial means, line fit."""
    side = images.shape[1]
    frequency = np.fft.fftfreq(side, 1 / side)
    radius = np.rint(np.hypot(frequency[:, None], frequency)).astype(int)
    counts, inside = np.bincount(radius.ravel()), np.arange(band[0], band[1] + 1)
    window = np.hanning(side)[:, None] * np.hanning(side)
    found = []
    for image in in_range(images):
        power = np.abs(np.fft.fft2((image - image.mean()) * window)) ** 2
        radial = np.bincount(radius.ravel(), power.ravel()) / counts
        found.append(np.polyfit(np.log(inside), np.log(radial[inside] + 1e-12), 1)[0])
    return np.array(found)


def look(computed: np.ndarray, real: np.ndarray, seed: int) -> list[dict]:
    """Spectrum and gray levels of both; distances also between random halves of the real images, as a yardstick."""
    rows = []
    for group, images in (("phantom", computed), ("real", real)):
        values = {f"spectrum slope, {a} to {b} cycles per side": slopes(images, (a, b)) for a, b in BANDS}
        values |= {
            "image mean": in_range(images).mean(axis=(1, 2)),
            "image deviation": in_range(images).std(axis=(1, 2)),
        }
        rows += [summary("look", measure, group, value) for measure, value in values.items()]
        for percent in (5, 50, 95):
            gray = np.percentile(images, percent) / 255
            rows.append(line("look", f"gray, {percent}th percentile", group, gray, n=len(images)))
    halves = np.array_split(np.random.default_rng([seed, 7]).permutation(len(real)), 2)
    for group, first, second in (
        ("phantom to real", computed, real),
        ("real to real", *(real[half] for half in halves)),
    ):
        for measure, distance in distances(first, second).items():
            rows.append(line("look", measure, group, distance, n=min(len(first), len(second))))
    return rows


def distances(first: np.ndarray, second: np.ndarray) -> dict[str, float]:
    """Wasserstein-1 distances as fractions of black to white: of all gray levels, and of the means of images."""
    levels = np.arange(256) / 255
    counts = [np.bincount(images.ravel(), minlength=256) for images in (first, second)]
    means = [in_range(images).mean(axis=(1, 2)) for images in (first, second)]
    return {
        "distance of gray levels": wasserstein_distance(levels, levels, *counts),
        "distance of image means": wasserstein_distance(*means),
    }


def measured(network, images: np.ndarray, label: str) -> pd.DataFrame:
    """Columns ratio (cardiothoracic) and lungs (part of the image) as the network sees them; NaN if it cannot."""
    masks = outlines(network, images)
    return pd.DataFrame([proportions(mask) for mask in track(masks, label)], columns=["ratio", "lungs"])


def proportion(network, unseen: tuple, real: np.ndarray, table: pd.DataFrame) -> list[dict]:
    """Cardiothoracic ratio and lung area of unseen phantoms (masks and network) and of real images (network)."""
    images, masks, truth = unseen
    ours, theirs = measured(network, images, "Measuring phantoms"), measured(network, real, "Measuring real images")
    error = (ours["ratio"] - truth["ctr_image"]).abs()
    rows = [summary("proportion", "error of the ratio by the network", "phantom", error)]
    stated = pd.DataFrame({"ratio": truth["ctr_image"], "lungs": masks[:, 0].mean(axis=(1, 2))})
    large, enlarged = truth[NAMES[3]] == 1, table["cardiomegaly"] == 1
    groups = {"phantom, truth": stated, "phantom": ours, "phantom, large heart": ours[large]}
    groups |= {"phantom, other": ours[~large], "real": theirs, "real, cardiomegaly": theirs[enlarged]}
    groups |= {"real, other": theirs[~enlarged]}
    groups |= {f"real, {view}": theirs[table["view"] == view] for view in ("PA", "AP")}
    for column, measure in (("ratio", "cardiothoracic ratio"), ("lungs", "lungs, part of the image")):
        rows += [summary("proportion", measure, group, part[column]) for group, part in groups.items()]
    seen = theirs["ratio"].notna()
    area = auroc(enlarged[seen].astype(int), theirs.loc[seen, "ratio"], table.loc[seen, "patient_id"].to_numpy())
    rows.append(of_area("proportion", "AUROC of the ratio for cardiomegaly", "real", area))
    return rows


def labels(images, truth, unseen, real: np.ndarray, table: pd.DataFrame, epochs: int, seed: int) -> list[dict]:
    """A classifier trained on phantoms alone: its AUROC on other phantoms and on the labels of the real images."""
    training, shape = ClassifierTraining(epochs=epochs), ClassifierShape(CLASSIFIER_SIDE)
    states = truth[list(NAMES)].to_numpy(np.int8)
    classifier, _ = train_classifier(images, states, np.arange(len(images)), shape, training, seed)
    on_phantoms, on_real = probabilities_of(classifier, unseen[0]), probabilities_of(classifier, real)
    rows = []
    for k, name in enumerate(NAMES):
        rows.append(of_area("labels", f"AUROC, {name}", "phantom", auroc(unseen[1][name], on_phantoms[:, k])))
        columns = [label.lower() for label in NIH_LABELS[name]]
        present = table[columns].max(axis=1).to_numpy()
        area = auroc(present, on_real[:, k], table["patient_id"].to_numpy())
        row = of_area("labels", f"AUROC, {name}", "real", area)
        rows.append(row | {"note": f"{row['note']}: {' or '.join(NIH_LABELS[name])}"})
    return rows


def line(part: str, measure: str, group: str, value: float, low=np.nan, high=np.nan, n: int = 0, note="") -> dict:
    """A row of measures.csv."""
    return {"part": part, "measure": measure, "group": group, "value": value, "low": low, "high": high, "n": n,
            "note": note}  # fmt: skip


def summary(part: str, measure: str, group: str, values) -> dict:
    """Mean of a measure over images, with the 5th and 95th percentiles as low and high; missing values are counted."""
    values = np.asarray(values, dtype=float)
    known = values[np.isfinite(values)]
    if not len(known):
        return line(part, measure, group, np.nan, n=0, note=f"none of {len(values)} could be measured")
    note = "mean; 5 to 95 % of images" + (
        f"; {len(values) - len(known)} unmeasured" if len(known) < len(values) else ""
    )
    return line(part, measure, group, known.mean(), *np.percentile(known, (5, 95)), len(known), note)


def of_area(part: str, measure: str, group: str, area) -> dict:
    """Row for an area under the ROC curve with its 95 % interval (DeLong, images of a patient together)."""
    note = f"95 % interval; {area.present} present"
    return line(part, measure, group, area.value, area.low, area.high, area.n, note)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", type=Path, default=PROJECT / "data" / "raw" / "nih-cxr-256", metavar="FOLDER")
    parser.add_argument("--out", type=Path, default=PROJECT / "build" / "phantom-against-real", metavar="FOLDER")
    parser.add_argument("--images", type=int, default=4000, help="phantoms that the two networks learn from")
    parser.add_argument(
        "--epochs", type=int, default=10, help="passes of the classifier; outlines take half, over half the images"
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if not (options.real / "labels.csv").is_file():
        parser.error(f"{options.real}: has no labels.csv; give a folder of NIH images with --real")
    if options.images < 64:
        parser.error(f"--images {options.images}: the networks need at least 64 phantoms")
    table = pd.read_csv(options.real / "labels.csv")
    real = read_images(table["image"], options.real / "images", LOOK_SIDE, "Reading real images")
    computed, _, _ = phantoms(options.seed, max(SHOWN, options.images // 16), LOOK_SIDE, "Phantoms at 256 px")
    use_style()
    options.out.mkdir(parents=True, exist_ok=True)
    chosen = np.random.default_rng([options.seed, 8]).choice(len(real), SHOWN, replace=False)
    panel = {"Phantoms, computed": in_range(computed[:SHOWN]), "Real": in_range(real[chosen])}
    panel_figure(panel, columns=4).savefig(options.out / "panel.png", dpi=150, bbox_inches="tight")
    images, masks, truth = phantoms(options.seed, options.images, SIDE, "Phantoms at 128 px")
    unseen = phantoms(options.seed + 1, max(100, options.images // 8), SIDE, "Unseen phantoms")
    network = train_outlines(images[::2], masks[::2], max(1, options.epochs // 2), options.seed, augment)
    rows = look(computed, real, options.seed)
    rows += proportion(network, unseen, smaller(real, SIDE), table)
    small = (smaller(unseen[0], CLASSIFIER_SIDE), unseen[2])
    rows += labels(smaller(images, CLASSIFIER_SIDE), truth, small, smaller(real, CLASSIFIER_SIDE), table,
                   options.epochs, options.seed)  # fmt: skip
    measures = pd.DataFrame(rows)
    write_text(options.out / "measures.csv", measures.to_csv(index=False))
    print(measures.drop(columns="part").round(3).to_string(index=False))
    print(f"Panel and measures: {options.out}")


if __name__ == "__main__":
    main()
