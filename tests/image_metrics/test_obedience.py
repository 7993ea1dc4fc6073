"""What words change is measured seed by seed, against images of no words."""

import numpy as np
import pandas as pd
import pytest

from helpers.findings import ORIGINAL
from helpers.image_metrics.obedience import OUTLINED, effects, of_masks, orders, shown, wordings
from helpers.image_metrics.sentences import asked_of

SEEDS = range(5, 17)
ASKED = asked_of(ORIGINAL, True, {})
FLUID = {"": 0.02, "Small left pleural effusion.": 0.1, "Moderate left pleural effusion.": 0.2,
         "Large left pleural effusion.": 0.3, "No pleural effusion.": 0.02}  # fmt: skip


def masks(**drawn):
    """Masks (1, 4, 32, 32): a thorax of rows 4 to 27, and what is named, as (rows, columns)."""
    found = np.zeros((1, len(OUTLINED), 32, 32))
    found[0, OUTLINED.index("thorax"), 4:28, 4:28] = 1
    for name, (rows, columns) in drawn.items():
        found[0, OUTLINED.index(name), slice(*rows), slice(*columns)] = 1
    return found


def test_areas_sides_heights_and_ratio_are_those_of_the_masks():
    left = of_masks(
        masks(pleural_effusion=((20, 28), (16, 28)), lung_opacity=((4, 6), (4, 16)), heart=((10, 20), (10, 22)))
    )
    row = left.iloc[0]
    assert row["fluid"] == pytest.approx(8 * 12 / 24**2) and row["fluid_left"] == 1
    assert row["opacity_left"] == 0 and row["opacity_depth"] == pytest.approx(0.5 / 23)
    assert row["ctr"] == pytest.approx(0.5)


@pytest.fixture
def values(tmp_path):
    """Fluid as asked for, an opacity that obeys nothing, and a heart that grows wherever fluid is asked for."""
    return obeying(tmp_path)


def obeying(folder, made_by=None, asked=ASKED, calls=None):
    def draw(sentence, seeds):
        if calls is not None:
            calls.append(sentence)
        return [(sentence, seed) for seed in seeds]

    def judge(images):
        rows = []
        for sentence, seed in images:
            own = np.random.default_rng(seed).normal(0, 0.01, 3)  # of the chest, the same for every sentence
            of_image = np.random.default_rng([seed, len(sentence), sum(sentence.encode())]).normal(0, 0.002, 2)
            fluid = FLUID.get(sentence, 0.02)
            side = 0.9 if "left pleural" in sentence else 0.1 if "right pleural" in sentence else 0.5
            ctr = 0.45 + (0.05 if "effusion" in sentence and "No " not in sentence else 0) + own[1]
            seen = {f"seen_{name}": own[2] for name in ORIGINAL.names}
            row = seen | {"fluid": fluid + own[0], "fluid_left": side, "opacity": 0.05 + of_image[0]}
            row |= {"opacity_left": 0.5, "opacity_depth": 0.5, "ctr": ctr}
            rows.append(row | {"seen_pleural_effusion": min(10 * fluid, 1) - 0.1})
        return pd.DataFrame(rows)

    return shown(asked, draw, judge, SEEDS, folder, made_by or {"source": "diffusion"}).assign(source="diffusion")


def test_a_word_that_is_obeyed_differs_by_what_it_adds_whatever_the_chest(values):
    table = effects(values, ["fluid", "ctr"]).set_index(["sentence", "factor", "measure"])
    row = table.loc[("Large left pleural effusion.", "degree", "fluid")]
    assert row["difference"] == pytest.approx(0.28) and row["low"] == pytest.approx(row["high"]) and row["n"] == 12
    assert row["value"] == pytest.approx(0.3, abs=0.02)
    assert table.loc[("Small left pleural effusion.", "degree", "ctr"), "difference"] == pytest.approx(0.05)


def test_words_that_do_nothing_have_an_interval_around_nothing(values):
    table = effects(values, ["opacity"])
    inside = (table["low"] <= 0) & (table["high"] >= 0)
    assert inside.mean() > 0.8 and table["difference"].abs().max() < 0.01


def test_order_is_found_where_it_is_and_not_where_it_is_not(values):
    table = orders(values).set_index(["finding", "factor", "measure"])
    fluid = table.loc[("pleural_effusion", "degree", "fluid")]
    assert fluid["correlation"] > 0.9 and fluid["right"] == fluid["low"] == fluid["high"] == 1
    assert table.loc[("pleural_effusion", "side", "fluid_left"), "right"] == 1
    opacity = table.loc[("lung_opacity", "degree", "opacity")]
    assert opacity["low"] < 0.5 < opacity["high"] and abs(opacity["correlation"]) < 0.4
    still = table.loc[("lung_opacity", "zone", "opacity_depth")]
    assert np.isnan(still["correlation"]) and still["right"] == still["low"] == still["high"] == 0.5


def test_a_wording_that_is_obeyed_tells_present_from_absent_and_one_that_is_not_does_not(values):
    table = wordings(values).set_index(["finding", "wording"])
    told = table.loc[("pleural_effusion", "phrase")]
    assert told["auroc"] == told["high"] == 1 and told["low"] > 0.5 and told["n"] == 24
    assert table.loc[("pleural_effusion", "reordered"), "auroc"] == pytest.approx(
        0.5
    )  # the same images for both states
    assert table.loc["lung_opacity", "auroc"].tolist() == pytest.approx([0.5] * 3)


def test_what_is_judged_is_kept_and_drawn_again_only_when_the_generator_changed(tmp_path):
    asked, calls = ASKED[:3], []
    first = obeying(tmp_path, asked=asked, calls=calls)
    assert calls == asked["sentence"].tolist()
    again = obeying(tmp_path, asked=asked, calls=calls)
    assert len(calls) == 3
    pd.testing.assert_frame_equal(first, again)
    obeying(tmp_path, {"source": "diffusion", "guidance": 2}, asked=asked, calls=calls)
    assert len(calls) == 6


def test_one_image_has_no_interval(tmp_path):
    table = effects(obeying(tmp_path).query("seed == 5"), ["fluid"])
    assert table["low"].isna().all() and table["n"].eq(1).all()
