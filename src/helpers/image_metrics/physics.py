"""Measure on images what is known of phantoms: the cardiothoracic ratio and the area of pleural fluid."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from scipy.stats import spearmanr

from helpers.cohort.phantom import drawn_again
from helpers.findings import Findings, in_cell
from helpers.image_metrics.comparison import COLUMNS, Halves
from helpers.image_metrics.features import one_thread
from helpers.image_metrics.segmentation import BATCH, UNet, train_outlines
from helpers.progress import track
from helpers.tables import REAL

THORAX, HEART, FLUID = MASKS = ("thorax", "heart", "pleural_effusion")
MEASURES = {"enlarged_cardiac_silhouette": "ctr", "pleural_effusion": "effusion_area"}
TRUTH = {"ctr": "ctr_image", "effusion_area": "effusion_volume_fraction"}  # columns of phantom_truth.csv


@dataclass(frozen=True)
class Outlining:
    """Number of training phantoms to learn masks from, and number of passes over them."""

    images: int = 600
    epochs: int = 10


def learn_outlines(
    train: pd.DataFrame,
    cohort_seed: int,
    size: int,
    outlining: Outlining,
    seed: int,
    masks_of: Sequence[str] = MASKS,
) -> UNet:
    """Train the outlining network on phantoms of the training split, drawn again at ``size`` pixels with their masks.

    ``cohort_seed`` is the seed of 01_cohort; phantom ``phantom-000007`` of a seed is always the same.
    """
    chosen = np.random.default_rng([seed, 13]).permutation(np.sort(train["image_id"].to_numpy()))[: outlining.images]
    images, masks = [], []
    for name in track(chosen, "Phantoms with outlines"):
        phantom = drawn_again(cohort_seed, name, size)
        images.append(np.rint(phantom.image * 255).astype(np.uint8))
        masks.append(np.stack([phantom.masks[mask] for mask in masks_of]))
    return train_outlines(np.stack(images), np.stack(masks), outlining.epochs, seed)


def measure(network: UNet, images: np.ndarray) -> pd.DataFrame:
    """Cardiothoracic ratio and area of pleural fluid of uint8 images (n, size, size): columns ctr, effusion_area.

    Both come from the network's probabilities, not from an outline cut at one half, so they resolve parts of a pixel:
    a width is the sum over columns of the highest probability in each, an area is the sum over pixels. The ratio is
    heart width over thorax width, the area is a fraction of the thorax.
    """
    parts = []
    with one_thread(), torch.inference_mode():
        for start in range(0, len(images), 4 * BATCH):
            pixels = torch.from_numpy(images[start : start + 4 * BATCH, None].astype(np.float32) / 255.0)
            chance = torch.sigmoid(network(pixels)).double().numpy()  # (batch, mask, row, column)
            width, area = chance.max(axis=2).sum(axis=2), chance.sum(axis=(2, 3))
            thorax, heart, fluid = (MASKS.index(name) for name in (THORAX, HEART, FLUID))
            ratio = width[:, heart] / np.maximum(width[:, thorax], 1)
            parts.append(np.stack([ratio, area[:, fluid] / np.maximum(area[:, thorax], 1)], axis=1))
    return pd.DataFrame(np.concatenate(parts), columns=list(MEASURES.values()))


def accuracy_of_measures(measured: pd.DataFrame, held_out: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """How well held-out phantoms are measured: measure, rank correlation with the true input, n.

    ``measured`` has the rows of ``held_out``; ``truth`` is phantom_truth.csv. Fluid is known as a fraction of the
    lung volume, so only the order can agree.
    """
    known = truth.set_index("image_id").loc[held_out["image_id"]]
    rows = [(m, float(spearmanr(measured[m], known[TRUTH[m]]).statistic), len(measured)) for m in MEASURES.values()]
    return pd.DataFrame(rows, columns=["measure", "rank_correlation", "n"])


def measured_of(findings: Findings) -> list[str]:
    """The findings of a study that can be measured."""
    return [name for name in findings.names if name in MEASURES]


def by_cell(
    real: pd.DataFrame, real_values: pd.DataFrame, samples: pd.DataFrame, values: pd.DataFrame, findings: Findings
) -> pd.DataFrame:
    """Every measurement for the cells of its finding, long table: source, finding, present, metric, value, group.

    Real images by label, synthetic ones by request; the group is the patient, or the image. At least one of the
    findings must be one that can be measured.
    """
    parts = []
    for cell in findings.cells:
        if (metric := MEASURES.get(cell.finding)) is None:
            continue
        chosen = in_cell(real, cell).to_numpy()
        asked = ((samples["finding"] == cell.finding) & (samples["present"] == cell.present)).to_numpy()
        real_rows, rows = real[chosen], samples[asked]
        sources = (np.full(chosen.sum(), REAL), rows["source"].to_numpy())
        groups = (real_rows["patient_id"].to_numpy(), rows["image_id"].to_numpy())
        found = (real_values[metric][chosen], values[metric][asked])
        table = pd.DataFrame({"source": np.concatenate(sources), "value": np.concatenate(found)})
        identity = {"finding": cell.finding, "present": cell.present, "metric": metric}
        parts.append(table.assign(group=np.concatenate(groups), **identity))
    return pd.concat(parts, ignore_index=True)


def physics_table(measurements: pd.DataFrame, halves: Halves, seed: int) -> pd.DataFrame:
    """Mean of each measurement by source and cell, and the difference present minus absent by finding.

    A tidy table. 95 % percentile bootstrap over patients or images, present and absent separately. Means do not depend
    on n, so all real images are used. Columns as in ``compare``; present is missing for a difference, whose metric
    ends in ``_difference``.
    """
    rng, rows = np.random.default_rng([seed, 14]), []
    for (source, finding, metric), table in measurements.groupby(["source", "finding", "metric"], sort=False):
        drawn, means, counts = {}, {}, {}
        for present, part in table.groupby("present"):
            sums = part.groupby("group")["value"].agg(["sum", "size"]).to_numpy()
            weights = rng.multinomial(len(sums), np.full(len(sums), 1 / len(sums)), 10 * halves.repeats)
            drawn[present] = (weights @ sums[:, 0]) / (weights @ sums[:, 1])
            means[present], counts[present] = part["value"].mean(), len(part)
            low, high = np.percentile(drawn[present], [2.5, 97.5])
            method = "mean, bootstrap interval"
            rows.append((source, finding, present, metric, means[present], low, high, counts[present], method))
        if len(means) == 2:
            low, high = np.percentile(drawn[1] - drawn[0], [2.5, 97.5])
            difference, n = means[1] - means[0], sum(counts.values())
            method = "present minus absent, bootstrap interval"
            rows.append((source, finding, None, f"{metric}_difference", difference, low, high, n, method))
    return pd.DataFrame(rows, columns=COLUMNS).astype({"present": "Int64"})
