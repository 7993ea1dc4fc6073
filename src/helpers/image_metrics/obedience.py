"""What images drawn for a sentence show, compared with images of the same seeds drawn without one."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from scipy import stats
from scipy.special import expit

from helpers.image_metrics.condition import auroc
from helpers.image_metrics.features import applied, fit_size
from helpers.image_metrics.images import in_range
from helpers.image_metrics.physics import FLUID, HEART, MASKS, THORAX
from helpers.image_metrics.segmentation import UNet
from helpers.image_metrics.sentences import COLUMNS, DEGREE, MEASURES, STATE
from helpers.progress import track
from helpers.tables import write_table

OPACITY = "lung_opacity"
OUTLINED = (*MASKS, OPACITY)
RULERS = tuple(dict.fromkeys(MEASURES.values()))

Judge = Callable[[np.ndarray], pd.DataFrame]
Draw = Callable[[str, Sequence[int]], np.ndarray]


def measured(network: UNet, images: np.ndarray, size: int) -> pd.DataFrame:
    """Measure uint8 images (n, s, s) by a network that outlines ``OUTLINED`` at ``size`` pixels.

    ``fluid`` and ``opacity`` are areas as fractions of the thorax, ``ctr`` is the cardiothoracic ratio; ``fluid_left``
    and ``opacity_left`` are the shares on the patient's left, ``opacity_depth`` is the height of the opacity's middle,
    0 at the top of the thorax and 1 at its bottom. From probabilities, not from outlines cut at one half, as in
    ``physics``.
    """
    pixels = fit_size(in_range(images), size).astype(np.float32)
    return of_masks(expit(applied(network, pixels, size, torch.device("cpu")).astype(np.float64)))


def of_masks(masks: np.ndarray) -> pd.DataFrame:
    """The same measurements from masks (n, 4, s, s) of ``OUTLINED``, or from their probabilities."""
    part = {name: masks[:, place] for place, name in enumerate(OUTLINED)}
    thorax, rows = np.maximum(part[THORAX].sum(axis=(1, 2)), 1), np.arange(masks.shape[2])
    width = {name: part[name].max(axis=1).sum(axis=1) for name in (THORAX, HEART)}
    table = pd.DataFrame({"ctr": width[HEART] / np.maximum(width[THORAX], 1)})
    for name, found in (("fluid", part[FLUID]), ("opacity", part[OPACITY])):
        area = found.sum(axis=(1, 2))
        table[name] = area / thorax
        table[f"{name}_left"] = found[:, :, found.shape[2] // 2 :].sum(axis=(1, 2)) / np.maximum(area, 1e-6)
    tall = part[THORAX].sum(axis=2) > 1
    top, bottom = tall.argmax(axis=1), tall.shape[1] - 1 - tall[:, ::-1].argmax(axis=1)
    middle = (part[OPACITY].sum(axis=2) * rows).sum(axis=1) / np.maximum(part[OPACITY].sum(axis=(1, 2)), 1e-6)
    return table.assign(opacity_depth=(middle - top) / np.maximum(bottom - top, 1))[list(RULERS)]


def shown(
    asked: pd.DataFrame, draw: Draw, judge: Judge, seeds: Sequence[int], folder: Path, made_by: Mapping
) -> pd.DataFrame:
    """What the images of every sentence show: the rows of ``asked``, one per seed, with the output of ``judge``.

    Each sentence is saved in ``folder`` as soon as it is judged; a later call continues from there if ``made_by`` (the
    generator, its options, the judges), sentence and seeds are the same.
    """
    parts = []
    for sentence in track(list(dict.fromkeys(asked["sentence"])), f"Sentences, {made_by['source']}"):
        key = json.dumps([dict(made_by), sentence, list(seeds)], sort_keys=True, default=str)
        kept = folder / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.csv"
        if not kept.is_file():
            found = judge(draw(sentence, seeds))
            write_table(found.assign(seed=list(seeds)), kept)
        parts.append(pd.read_csv(kept).assign(sentence=sentence))
    return asked.merge(pd.concat(parts, ignore_index=True), on="sentence", validate="many_to_many")


def effects(values: pd.DataFrame, measures: Sequence[str]) -> pd.DataFrame:
    """How images of each sentence differ from those of the same seeds without words.

    ``values`` as returned by ``shown``, of one or several sources. Columns: source, sentence, finding, factor, wording,
    level, rank, measure, value (mean), difference, low, high (Student's 95 % interval of the paired difference), n.
    Equal sentences each have a row.
    """
    rows = []
    for (source, sentence, *identity), part in values.groupby(["source", *COLUMNS], sort=False, dropna=False):
        without = values[(values["source"] == source) & (values["sentence"] == "")].set_index("seed")
        for measure in measures:
            own = part.set_index("seed")[measure]
            rows.append((source, sentence, *identity, measure, own.mean(), *_mean(own - without[measure])))
    columns = ["source", *COLUMNS, "measure", "value", "difference", "low", "high", "n"]
    return pd.DataFrame(rows, columns=columns)


def _mean(of_seeds: np.ndarray | pd.Series) -> tuple[float, float, float, int]:
    """Mean, Student's 95 % interval and n."""
    found = np.asarray(of_seeds, dtype=float)
    mean, n = float(found.mean()), len(found)
    if n < 2:
        return mean, np.nan, np.nan, n
    reach = stats.t.ppf(0.975, n - 1) * found.std(ddof=1) / n**0.5
    return mean, mean - reach, mean + reach, n


def orders(values: pd.DataFrame) -> pd.DataFrame:
    """Do ordered words produce ordered images? By source, finding and factor.

    Columns: source, finding, factor, measure; right (share of pairs of images of one seed and two words that are in
    the words' order, ties count half), low, high (Student's 95 % interval over seeds, within 0..1); correlation
    (Spearman, between the word's rank and the measurement; NaN if all are equal), n images. Only if ``values`` contain
    a measure of it: that of ``measured``, or for degrees the classifier's ``seen_`` probability.
    """
    rows = []
    for (source, finding, factor), part in values.groupby(["source", "finding", "factor"], sort=False):
        named = [MEASURES.get((finding, factor)), f"seen_{finding}" if factor == DEGREE else None]
        for measure in [name for name in named if name in values]:
            wide = part.pivot(index="seed", columns="rank", values=measure).to_numpy()
            right, low, high, _ = _mean(_in_order(wide))
            low, high = np.clip([low, high], 0, 1)
            rows.append((source, finding, factor, measure, right, low, high, _correlation(wide), wide.size))
    columns = ["source", "finding", "factor", "measure", "right", "low", "high", "correlation", "n"]
    return pd.DataFrame(rows, columns=columns)


def wordings(values: pd.DataFrame) -> pd.DataFrame:
    """How well images requested with and without a finding are distinguished, in each wording.

    Columns: source, finding, wording, auroc (of the classifier's ``seen_`` probability), low, high (95 % interval,
    images of one seed are dependent), n images. Raises MetricError for fewer than two seeds.
    """
    rows = []
    states = values[values["factor"] == STATE]
    for identity, part in states.groupby(["source", "finding", "wording"], sort=False):
        area = auroc(part["rank"].to_numpy(), part[f"seen_{identity[1]}"].to_numpy(), part["seed"].to_numpy())
        rows.append((*identity, area.value, area.low, area.high, area.n))
    return pd.DataFrame(rows, columns=["source", "finding", "wording", "auroc", "low", "high", "n"])


def _correlation(wide: np.ndarray) -> float:
    """Spearman's correlation between column numbers and values (seeds, levels)."""
    if np.ptp(wide) == 0:
        return np.nan
    return float(stats.spearmanr(np.tile(np.arange(wide.shape[1]), len(wide)), wide.ravel()).statistic)


def _in_order(wide: np.ndarray) -> np.ndarray:
    """For each seed, the share of pairs of levels that are in order."""
    first, second = np.triu_indices(wide.shape[1], 1)
    return (0.5 + 0.5 * np.sign(wide[:, second] - wide[:, first])).mean(axis=1)
