"""One display pipeline for every image, real or synthetic, and a gate that tests what the pipeline may give away."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image
from scipy.stats import rankdata
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from helpers.errors import PlanError
from helpers.files import atomic_write, eight_bits, read_gray
from helpers.pixels import read_image
from helpers.progress import track
from helpers.raw_tables import read_raw
from helpers.study.plan import Plan
from helpers.tables import BESIDE, REAL, write_table

FACTS = {  # and their names in figures
    "byte_count": "Bytes of the file",
    "bit_depth": "Bits per pixel",
    "used_levels": "Gray levels used",
    "histogram_gaps": "Gray levels skipped",
    "darkest": "Share of pixels at 0",
    "brightest": "Share of pixels at 255",
    "border_step": "Step at the border",
    "border_spread": "Spread along the border",
}
GATE = ["auc", "low", "high", "n"]


def render(path: str | Path, size: int) -> np.ndarray:
    """An image as every reader sees it: uint8, shape (size, size). Images of another size are resampled (Lanczos)."""
    gray = read_image(path)
    if gray.shape != (size, size):
        gray = np.asarray(Image.fromarray(gray).resize((size, size), Image.Resampling.LANCZOS))
    return np.rint(np.clip(gray, 0.0, 1.0) * 255.0).astype(np.uint8)


def image_paths(cohort: pd.DataFrame, samples: pd.DataFrame, run_folder: str | Path) -> dict[str, Path]:
    """Path of each image in both tables, by image_id."""
    tables = (cohort, samples)
    return {row.image_id: Path(run_folder) / row.path for table in tables for row in table.itertuples()}


def image_size(path: str | Path) -> int:
    """Side in pixels of a cohort image; raises PlanError if it is not square."""
    height, width = read_image(path).shape
    if height != width:
        raise PlanError(f"{path}: {width} x {height} pixels; cohort images must be square, run 01_cohort again")
    return width


def write_display(plan: Plan, paths: Mapping[str, Path], size: int, folder: str | Path) -> pd.DataFrame:
    """Pass every image of the plan through ``render`` and store it as an 8-bit gray PNG under an opaque name.

    The files are not compressed and have no metadata, so they all have the same number of bytes.
    Writes ``folder``/display/<opaque>.png and ``folder``/display.csv (image_id, file); returns that table. An image
    that has been shown keeps its file; raises PlanError if it would look different now.
    """
    folder = Path(folder)
    shown = sorted(set(plan.trials.images.str.split(BESIDE).explode()))
    rows = []
    for image_id in track(shown, "Display images"):
        file = plan.shown.get(image_id, f"display/{plan.opaque(image_id)}.png")
        if image_id in plan.shown:
            _check_same(folder / file, render(paths[image_id], size), image_id)
            rows.append((image_id, file))
            continue
        with atomic_write(folder / file) as temporary:
            Image.fromarray(render(paths[image_id], size)).save(temporary, format="PNG", compress_level=0)
        rows.append((image_id, file))
    kept = {folder / file for _, file in rows}
    for stale in set((folder / "display").glob("*.png")) - kept:
        stale.unlink()
    table = pd.DataFrame(rows, columns=["image_id", "file"])
    write_table(table, folder / "display.csv")
    return table


def _check_same(file: Path, pixels: np.ndarray, image_id: str) -> None:
    """Raise PlanError if the file does not hold these pixels."""
    if not np.array_equal(eight_bits(read_gray(file)), pixels):
        raise PlanError(
            f"image {image_id!r}: it has been shown to readers as {file.name} and would look different now; restore "
            "the images that were read (01_cohort, 04_sample), or choose another RUN for another study"
        )


def display_files(plan_folder: str | Path) -> dict[str, Path]:
    """Display file of each image of the plan, by image_id."""
    plan_folder = Path(plan_folder)
    table = read_raw(plan_folder / "display.csv")
    return {row.image_id: plan_folder / row.file for row in table.itertuples()}


def encoder_facts(files: Mapping[str, Path]) -> pd.DataFrame:
    """What the encoding of each file reveals regardless of the anatomy: one row per image, columns ``FACTS``.

    Bytes of the file; bits per pixel; number of gray levels used; levels skipped between the darkest and the
    brightest; share of pixels at 0 and at 255; mean step from the border inwards and spread along it, in levels.
    """
    rows = {}
    for image_id, path in files.items():
        with Image.open(path) as image:
            levels, bits = np.asarray(image), 8 * len(image.getbands()) if image.mode in ("L", "RGB") else 16
        used = np.flatnonzero(np.bincount(levels.ravel(), minlength=256))
        border = [(levels[0], levels[1]), (levels[-1], levels[-2]), (levels[:, 0], levels[:, 1])]
        border.append((levels[:, -1], levels[:, -2]))
        steps = [np.abs(outer.astype(float) - inner).mean() for outer, inner in border]
        spread = [outer.std() for outer, _ in border]
        gaps = used[-1] - used[0] + 1 - len(used)
        share = [(levels == 0).mean(), (levels == 255).mean()]
        rows[image_id] = (path.stat().st_size, bits, len(used), gaps, *share, np.mean(steps), np.mean(spread))
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(FACTS)).rename_axis("image_id")


def encoder_gate(facts: pd.DataFrame, sources: Mapping[str, str], seed: int, resamples: int = 1000) -> pd.DataFrame:
    """How well encoder-level facts alone tell real and synthetic images apart.

    A random forest, 5-fold cross-validated; AUC of its out-of-fold scores with a 95 % percentile bootstrap interval
    over images, for all facts together and for each alone. ``sources`` gives the source of each image_id.
    Returns facts, auc, low, high, n. An AUC of 0.5 means that the encoding reveals nothing.
    """
    rows = [("all", *_told_apart(facts, sources, seed, resamples))]
    rows += [(fact, *_told_apart(facts[[fact]], sources, seed, resamples)) for fact in FACTS]
    return pd.DataFrame(rows, columns=["facts", *GATE])


def encoder_gate_by_source(
    facts: pd.DataFrame, sources: Mapping[str, str], seed: int, resamples: int = 1000
) -> pd.DataFrame:
    """The gate with all facts together for each source of synthetic images against the real ones, for comparison with
    how often readers are right. Returns source, auc, low, high, n."""
    of_image = pd.Series(facts.index, index=facts.index).map(dict(sources))
    rows = []
    for source in sorted(set(of_image) - {REAL}):
        rows.append((source, *_told_apart(facts[of_image.isin((source, REAL))], sources, seed, resamples)))
    return pd.DataFrame(rows, columns=["source", *GATE])


def _told_apart(facts: pd.DataFrame, sources: Mapping[str, str], seed: int, resamples: int) -> tuple:
    """AUC of the facts (one column each) with its interval, and the number of images.

    Raises PlanError if there are fewer than two real or two synthetic images.
    """
    synthetic = np.array([sources[image_id] != REAL for image_id in facts.index])
    folds = min(5, synthetic.sum(), (~synthetic).sum())
    if folds < 2:
        raise PlanError("the encoder gate needs at least two real and two synthetic images in the plan")
    if facts.nunique().max() == 1:  # the same for every image: nothing to tell them apart by
        return 0.5, 0.5, 0.5, len(facts)
    forest = RandomForestClassifier(60, min_samples_leaf=5, random_state=seed)
    cross = StratifiedKFold(folds, shuffle=True, random_state=seed)
    scores = cross_val_predict(forest, facts.to_numpy(), synthetic, cv=cross, method="predict_proba")[:, 1]
    return *_auc_interval(scores, synthetic, seed, resamples), len(facts)


def auc(scores: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """Area under the ROC curve along the last axis: probability that a positive scores above a negative (Mann-Whitney).

    Ties count half. ``scores`` (..., n); ``positive`` (n,) bool, with at least one of each.
    """
    count = positive.sum()
    above = rankdata(scores, axis=-1)[..., positive].sum(axis=-1) - count * (count + 1) / 2
    return above / (count * (len(positive) - count))


def _auc_interval(scores: np.ndarray, positive: np.ndarray, seed: int, resamples: int) -> tuple[float, float, float]:
    """AUC with its percentile bootstrap interval; real and synthetic images are resampled separately."""
    rng = np.random.default_rng([seed, 61])
    yes, no = np.flatnonzero(positive), np.flatnonzero(~positive)
    drawn = np.hstack([rng.choice(part, (resamples, len(part))) for part in (yes, no)])
    low, high = np.percentile(auc(scores[drawn], np.arange(len(positive)) < len(yes)), [2.5, 97.5])
    return float(auc(scores, positive)), float(low), float(high)
