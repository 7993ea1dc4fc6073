"""Images that teach gain as real ones do, images with swapped labels do harm, and nothing depends on order."""

import numpy as np
import pandas as pd
import pytest

from helpers.errors import MetricError
from helpers.findings import ORIGINAL
from helpers.image_metrics.utility import Pool, Trials, headline_rows, try_out, utility_table

NAMES, CELLS = ORIGINAL.names, ORIGINAL.cells

TRIALS = Trials(width=16, passes=60, size=32, seeds=6, ratios=(0.5, 1.0), per_cell=15)


def _real(pictures, n, seed, name):
    images, labels = pictures(n, seed)
    table = pd.DataFrame(labels.astype(float), columns=list(NAMES))
    table["image_id"] = table["patient_id"] = [f"{name}{i:04d}" for i in range(n)]
    return Pool(table, images)


def _samples(pictures):
    """A source that shows what it is asked for and one that shows the opposite."""
    rows, images = [], []
    for source, seed in (("good", 21), ("bad", 22)):
        made, labels = pictures(400, seed)
        for cell in CELLS:
            fits = np.flatnonzero(labels[:, NAMES.index(cell.finding)] == cell.present)[:15]
            asked = cell.present if source == "good" else 1 - cell.present
            rows += [(f"{source}-{cell.label}-{i:02d}", source, cell.finding, asked) for i in range(15)]
            images.append(made[fits])
    return Pool(pd.DataFrame(rows, columns=["image_id", "source", "finding", "present"]), np.concatenate(images))


@pytest.fixture(scope="module")
def pools(pictures):
    return _real(pictures, 400, 1, "t"), _real(pictures, 300, 2, "h"), _samples(pictures)


@pytest.fixture(scope="module")
def scores(pools):
    return try_out(*pools, TRIALS, ORIGINAL, seed=1)


@pytest.fixture(scope="module")
def table(scores, pools):
    return utility_table(scores, pools[1].table, ORIGINAL)


def _gain(table, source, way, finding="all"):
    chosen = table["metric"].eq("utility_gain") & table["source"].eq(source) & table["way"].eq(way)
    return table[chosen & table["finding"].eq(finding)].iloc[0]


def test_every_way_is_tried_with_every_seed_on_the_same_images(scores):
    ways = scores.groupby("source")["way"].unique().apply(set).to_dict()
    added = {"added 0.5", "added 1"}
    assert ways == {"real": {"alone"} | added} | {s: {"alone", "before real"} | added for s in ("good", "bad")}
    assert (scores.groupby(["source", "way", "seed"]).size() == 300).all()


def test_images_that_show_what_was_asked_gain_and_swapped_ones_harm(table):
    assert _gain(table, "real", "added 1")["low"] > 0
    assert _gain(table, "good", "added 1")["low"] > 0
    assert _gain(table, "bad", "added 1")["high"] < 0
    assert _gain(table, "bad", "alone")["high"] < -0.2
    assert _gain(table, "good", "before real")["value"] > _gain(table, "bad", "before real")["value"]


def test_as_many_synthetic_images_of_the_same_law_are_worth_as_much_as_real_ones(table):
    good = _gain(table, "good", "alone")
    assert good["low"] < 0 < good["high"]


def test_the_gain_is_the_difference_of_areas_by_finding_and_their_mean(table):
    areas = table[table["metric"] == "utility_auroc"].set_index(["source", "way", "finding"])["value"]
    for finding in ("all", *NAMES):
        change = areas["good", "added 1", finding] - areas["real", "alone", finding]
        assert _gain(table, "good", "added 1", finding)["value"] == pytest.approx(change)
    by_finding = [areas["good", "added 1", name] for name in NAMES]
    assert areas["good", "added 1", "all"] == pytest.approx(np.mean(by_finding))


def test_the_gain_is_paired_so_the_same_scores_gain_exactly_nothing(scores, pools):
    base = scores[(scores["source"] == "real") & (scores["way"] == "alone")]
    table = utility_table(pd.concat([base, base.assign(source="copy")]), pools[1].table, ORIGINAL)
    gain = _gain(table, "copy", "alone")
    assert (gain["low"], gain["value"], gain["high"]) == (0, 0, 0)
    area = table[(table["source"] == "copy") & (table["metric"] == "utility_auroc") & (table["finding"] == "all")]
    assert (area["high"] - area["low"]).iloc[0] > 0.02


def test_neither_the_order_of_rows_nor_the_other_sources_matter(pools, scores):
    rng = np.random.default_rng(3)
    mixed = []
    for pool in pools:
        order = rng.permutation(len(pool.table))
        mixed.append(Pool(pool.table.iloc[order], pool.images[order]))
    only = mixed[2].table["source"].eq("good").to_numpy()
    alone = try_out(mixed[0], mixed[1], Pool(mixed[2].table[only], mixed[2].images[only]), TRIALS, ORIGINAL, seed=1)
    key = ["source", "way", "seed", "image_id"]
    expected = scores[scores["source"] != "bad"].sort_values(key).reset_index(drop=True)
    pd.testing.assert_frame_equal(alone.sort_values(key).reset_index(drop=True), expected)


def test_the_headline_is_the_gain_at_the_largest_ratio_real_images_first(table):
    rows = headline_rows(table)
    assert rows["source"].tolist() == ["real", "good", "bad"]
    assert rows["value"].iloc[1] == _gain(table, "good", "added 1")["value"]


def test_larger_images_are_reduced(pools):
    assert pools[0].resized(16).images.shape == (400, 16, 16)
    assert pools[0].resized(32) is pools[0]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"learner": "forest"}, "learner = 'forest': must be 'perceptron' or 'convolutional'"),
        ({"seeds": 1}, "seeds = 1: must be greater than or equal to 2"),
        ({"ratios": (2.0,)}, r"ratios\[0\] = 2.0: must be less than or equal to 1"),
        ({"ratios": ()}, "ratios"),
    ],
)
def test_trials_that_make_no_sense_are_refused(change, message):
    with pytest.raises(MetricError, match=message):
        Trials(**change)


def test_an_empty_cell_is_an_error(pools):
    lacking = pools[2].table["finding"].ne("atelectasis").to_numpy()
    with pytest.raises(MetricError, match="fewer than 4 training images or 2 synthetic"):
        try_out(pools[0], pools[1], Pool(pools[2].table[lacking], pools[2].images[lacking]), TRIALS, ORIGINAL, seed=1)


def test_figures_can_say_what_was_trained():
    assert TRIALS.described == "perceptron of width 16, 60 passes over 32-pixel images"
