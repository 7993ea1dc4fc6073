"""A metric that sees what readers see is found, a blind one is not, and a colleague is the yardstick."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from helpers.errors import StatisticsError
from helpers.findings import ORIGINAL
from helpers.stats.metric_relation import rated_images, read_scores, relation
from helpers.stats.orientation import oriented
from helpers.stats.readings import analysed
from helpers.stats.reasons import NO_READERS
from helpers.tables import CONDITIONALITY, PAIR

NAMES = ORIGINAL.names


@pytest.fixture(scope="module")
def study(simulate):
    """Readings, and scores of their images: distance follows what readers say of a pair, density does so inversely,
    the discriminator is noise; probabilities follow the ratings of conditionality."""
    readings = simulate(seed=3, separation=0.4, case_sd=1.2)
    rng = np.random.default_rng(1)
    pairs, singles = analysed(readings, PAIR), analysed(readings, CONDITIONALITY)
    said = pairs.assign(said=oriented(pairs)).groupby("case")["said"].mean()
    distance = {}
    for case, value in said.items():
        synthetic, real = case.split("+")
        distance[real] = distance.get(real, rng.normal())
        distance[synthetic] = distance[real] + value + rng.normal(0, 0.2)
    shown = singles.groupby("case")["rating"].mean().astype(float)
    ids = sorted(set(distance) | set(shown.index))
    scores = pd.DataFrame({"image_id": ids, "source": "x", "distance": [distance.get(i, 0.0) for i in ids]})
    scores["density"], scores["discriminator"] = -scores["distance"], rng.normal(size=len(ids))
    for name in NAMES:
        scores[name] = 1 / (1 + np.exp(-np.array([shown.get(i, 0.0) for i in ids])))
    return readings, scores


@pytest.fixture(scope="module")
def table(study):
    return relation(rated_images(study[0], PAIR, study[1]), seed=1, resamples=100).set_index(["score", "source"])


def test_ratings_and_scores_of_a_pair_point_at_its_synthetic_image(study):
    rated = rated_images(study[0], PAIR, study[1])
    rows = analysed(study[0], PAIR)
    np.testing.assert_array_equal(rated["rating"], oriented(rows))
    synthetic, real = rows["case"].iloc[0].split("+")
    known = study[1].set_index("image_id")["distance"]
    assert rated["distance"].iloc[0] == pytest.approx(known[synthetic] - known[real])


def test_a_metric_that_follows_readers_is_found_and_noise_is_not(table):
    assert table.loc[("distance", "all"), "low"] > 0.5
    assert table.loc[("density", "all"), "value"] == pytest.approx(table.loc[("distance", "all"), "value"])
    noise = table.loc[("discriminator", "all")]
    assert noise["low"] < 0 < noise["high"]


def test_another_reader_is_a_reader_beside_the_mean_of_the_others(study, table):
    rows = analysed(study[0], PAIR)
    said = rows.assign(said=oriented(rows)).pivot(index=["case", "finding"], columns="reader", values="said")
    expected = [spearmanr(said[name], said.drop(columns=name).mean(axis=1)).statistic for name in said]
    assert table.loc[("another reader", "all"), "value"] == pytest.approx(np.mean(expected))


def test_every_source_has_its_row_and_a_number_of_cases(table):
    assert table.loc["distance", "cases"].to_dict() == {"all": 96, "gan": 48, "diffusion": 48}
    assert (table["readers"] == 3).all()


def test_in_conditionality_the_score_is_the_probability_of_the_asked_finding(study):
    rated = rated_images(study[0], CONDITIONALITY, study[1])
    found = relation(rated, seed=1, resamples=50).set_index(["score", "source"])
    assert set(found.index.get_level_values("score")) == {"probability", "another reader"}
    assert found.loc[("probability", "real"), "low"] > 0.5


def test_one_reader_is_the_target_and_has_no_other(study):
    rated = rated_images(study[0].query("reader == 'reader-1'"), PAIR, study[1])
    found = relation(rated, seed=1, resamples=20).set_index(["score", "source"])
    assert found.loc[("distance", "all"), "value"] > 0.3
    assert np.isnan(found.loc[("another reader", "all"), "value"])
    assert found.loc[("another reader", "all"), "note"] == NO_READERS


def test_images_without_scores_are_left_out_and_too_few_give_no_number(study):
    readings, scores = study
    cases = analysed(readings, PAIR)["case"].unique()[:3]
    few = scores[scores["image_id"].isin({name for case in cases for name in case.split("+")})]
    rated = rated_images(readings, PAIR, few)
    assert set(rated["case"]) <= set(cases)
    found = relation(rated, seed=1, resamples=20)
    assert found["value"].isna().all() and (found["note"] == "not estimable: fewer than 5 cases").all()


@pytest.mark.filterwarnings("error")
def test_ratings_that_are_all_alike_have_no_correlation_and_say_so(study):
    rated = rated_images(study[0], PAIR, study[1]).assign(rating=1.0)
    found = relation(rated, seed=1, resamples=20)
    assert found["value"].isna().all() and found["note"].str.endswith("alike").all()


def test_a_table_without_scores_is_refused_by_name(tmp_path, study):
    study[1].to_csv(tmp_path / "scores.csv", index=False)
    assert read_scores(tmp_path / "scores.csv")["distance"].dtype == float
    study[1].drop(columns="density").to_csv(tmp_path / "scores.csv", index=False)
    with pytest.raises(StatisticsError, match="scores.csv: column 'density'"):
        read_scores(tmp_path / "scores.csv")
