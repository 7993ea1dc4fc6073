"""Power in closed form: published values, simulated studies of every design, and what cannot be planned."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import f

from helpers.errors import StatisticsError
from helpers.stats.crossed import LIKE, THESE
from helpers.stats.mrmc.estimates import area_estimates
from helpers.stats.mrmc.obuchowski_rockette import CONCLUSIONS, THESE_CASES
from helpers.stats.mrmc.pilot import Pilot, pilot
from helpers.stats.mrmc.sample_size import (
    DESIGNS,
    NESTED,
    PAIRED,
    SPLIT_PLOT,
    UNPAIRED,
    UNPAIRED_CASES,
    UNPAIRED_READERS,
    Plan,
    cases_needed,
    designs_needed,
    detectable,
    power,
    power_map,
    side_by_side,
)

KNOWN = Pilot(100, error=0.0010, cov1=0.0004, cov2=0.0005, cov3=0.0002, treatment_reader=0.0003, reader=0.0004)


@pytest.fixture(scope="module")
def van_dyke_pilot(van_dyke):
    return pilot(area_estimates(van_dyke, covariance="jackknife"))


@pytest.mark.parametrize(
    ("cases", "conclusion", "published"),
    [(165, LIKE, 0.80541995), (131, THESE, 0.80091813), (53, THESE_CASES, 0.804967)],
)
def test_van_dyke_agrees_with_rjafroc(van_dyke_pilot, cases, conclusion, published):
    """RJafroc after Hillis 2011 and 2018: 10 readers, difference .043800322, jackknife."""
    found = power(van_dyke_pilot, 0.043800322, 10, cases, Plan(conclusion=conclusion))
    assert found == pytest.approx(published, abs=5.1e-7 if conclusion == THESE_CASES else 5.1e-9)


def test_fewest_cases_are_those_below_which_power_falls_short(van_dyke_pilot):
    for conclusion in CONCLUSIONS:
        plan = Plan(conclusion=conclusion)
        line = cases_needed(van_dyke_pilot, 0.043800322, [10], plan).iloc[0]
        assert power(van_dyke_pilot, 0.043800322, 10, line["cases"] - 1, plan) < 0.8 <= line["power"]
    assert cases_needed(van_dyke_pilot, 0.043800322, [10], Plan(conclusion=THESE))["cases"].item() == 131


def studies(design, readers, groups, scale, generator, sets):
    """Figures of merit (sets, 2, readers) from Obuchowski and Rockette's model with the covariances of a design."""
    same = np.eye(readers)
    group = np.repeat(np.arange(groups), readers // groups)
    together = (group[:, None] == group) * groups  # a group's cases are fewer, and no other group's
    own, other = same * KNOWN.error + (1 - same) * KNOWN.cov2, same * KNOWN.cov1 + (1 - same) * KNOWN.cov3
    own, other = scale * together * own, scale * together * other
    if design in (UNPAIRED_READERS, UNPAIRED):
        other = np.full_like(other, scale * KNOWN.cov3)
    if design in (UNPAIRED_CASES, UNPAIRED):
        other = np.zeros_like(other)
    errors = generator.multivariate_normal(np.zeros(2 * readers), np.block([[own, other], [other, own]]), sets)
    effect = generator.normal(0, KNOWN.reader**0.5, (sets, 2 if design in (UNPAIRED_READERS, UNPAIRED) else 1, readers))
    own_effect = generator.normal(0, KNOWN.treatment_reader**0.5, (sets, 2, readers))
    return errors.reshape(sets, 2, readers) + effect + own_effect


@pytest.mark.parametrize("design", DESIGNS)
def test_simulated_studies_vary_as_the_design_says(design):
    """The variance of the difference is what the noncentrality takes it to be, which a power of 0.5 gives away."""
    readers, cases, groups = 6, 150, {SPLIT_PLOT: 3, NESTED: 6}.get(design, 1)
    values = studies(design, readers, groups, KNOWN.cases / cases, np.random.default_rng(1), 200_000)
    difference = values[:, 0].mean(axis=1) - values[:, 1].mean(axis=1)
    for conclusion, reader_parts in ((LIKE, 1.0), (THESE, 0.0)):
        plan = Plan(design, groups=3, conclusion=conclusion)
        if conclusion == THESE and design in (UNPAIRED_READERS, UNPAIRED):
            assert np.isnan(power(KNOWN, 0.05, readers, cases, plan))
            continue
        apart = design in (UNPAIRED_READERS, UNPAIRED)
        random = 2 / readers * (KNOWN.treatment_reader + KNOWN.reader * apart)
        expected = difference.var() - (1 - reader_parts) * random
        # with a margin of 0 the noncentrality is d / standard error: at infinite df, power(d) = Phi(d / se - 1.96)
        plan = Plan(design, groups=3, conclusion=conclusion, margin=0.0)
        many = power(KNOWN, 2.0 * expected**0.5, readers, cases, plan)
        if conclusion == THESE:
            assert many == pytest.approx(0.5160, abs=0.005)
        else:
            assert 0.3 < many < 0.5160


@pytest.mark.parametrize("design", DESIGNS)
def test_simulated_studies_find_the_difference_as_often_as_promised(design):
    """Each is tested with its own mean square of readers and treatments; covariances are taken as known."""
    readers, cases, groups, sets = 12, 150, {SPLIT_PLOT: 3, NESTED: 12}.get(design, 1), 20_000
    scale, generator = KNOWN.cases / cases, np.random.default_rng(2)
    plan = Plan(design, groups=3)
    difference = detectable(KNOWN, readers, cases, plan, target=0.7)
    values = studies(design, readers, groups, scale, generator, sets)
    found = values[:, 0].mean(axis=1) - values[:, 1].mean(axis=1) + difference
    if design in (UNPAIRED_READERS, UNPAIRED):
        between, degrees = values.var(axis=2, ddof=1).mean(axis=1), 2 * (readers - 1)
        shared = readers * scale * (KNOWN.shared if design == UNPAIRED_READERS else KNOWN.cov2)
    else:
        within = (values[:, 0] - values[:, 1]).reshape(sets, 3 if design == SPLIT_PLOT else 1, -1)
        degrees = readers - within.shape[1]
        between = within.var(axis=2, ddof=1).mean(axis=1) / 2
        shared = readers * scale * {UNPAIRED_CASES: KNOWN.cov2, NESTED: 0.0}.get(design, KNOWN.shared)
    total = between + shared
    critical = f.isf(0.05, 1, degrees * (total / between) ** 2)
    assert (readers * found**2 / (2 * total) > critical).mean() == pytest.approx(0.7, abs=0.025)


def test_no_difference_is_found_as_often_as_the_test_errs():
    for conclusion in CONCLUSIONS:
        assert power(KNOWN, 0.0, 8, 100, Plan(conclusion=conclusion)) == pytest.approx(0.05)
        worse = Plan(conclusion=conclusion, margin=0.05)
        assert power(KNOWN, -0.05, 8, 100, worse) == pytest.approx(0.025, abs=1e-6)


def test_a_margin_makes_it_a_one_sided_test_of_the_distance_to_it():
    plan = Plan(conclusion=THESE, margin=0.05)
    two_sided = power(KNOWN, 0.05, 8, 200, Plan(conclusion=THESE))
    assert power(KNOWN, 0.0, 8, 200, plan) == pytest.approx(two_sided, abs=1e-4)


def test_the_detectable_difference_has_the_power_asked_for():
    for design in DESIGNS:
        found = detectable(KNOWN, 8, 120, Plan(design))
        assert power(KNOWN, found, 8, 120, Plan(design)) == pytest.approx(0.8, abs=1e-6)
    assert np.isnan(detectable(KNOWN, 1, 120))


def test_a_map_holds_each_design_with_what_the_whole_study_needs():
    table = power_map(KNOWN, 0.05, [4, 8], [50, 100, 200], Plan(UNPAIRED_CASES))
    assert len(table) == 3 * 6 and (table["all_cases"] == 2 * table["cases"]).all()
    assert (table["all_readers"] == table["readers"]).all()
    fixed = table[table["conclusion"] == THESE_CASES]
    assert fixed["power"].isna().all() and fixed["note"].str.contains("differ in their cases").all()
    assert table[table["conclusion"] == LIKE].set_index(["readers", "cases"])["power"].loc[(8, 100)] == pytest.approx(
        power(KNOWN, 0.05, 8, 100, Plan(UNPAIRED_CASES))
    )


def test_what_does_not_suffice_says_how_far_it_gets():
    table = cases_needed(KNOWN, 0.02, [3, 6, 100])
    assert table["cases"].isna().tolist() == [True, True, False]
    assert table["note"].str.contains("power stays below").tolist() == [True, True, False]
    assert (
        cases_needed(KNOWN, 0.05, [2], Plan(SPLIT_PLOT, groups=2))["note"].item().startswith("not estimable: too few")
    )


def test_every_design_is_planned_for_random_and_fixed_readers():
    table = designs_needed(KNOWN, 0.08, [6, 12])
    assert len(table) == len(DESIGNS) * 2 * 2
    cases = table[table["conclusion"] == LIKE].set_index(["design", "readers"])["cases"]
    assert cases[(PAIRED, 12)] < cases[(SPLIT_PLOT, 12)] < cases[(NESTED, 12)]
    assert cases[(PAIRED, 12)] < cases[(UNPAIRED_CASES, 12)] < cases[(UNPAIRED, 12)]


@pytest.mark.parametrize("wrong", [{"design": "crossed"}, {"conclusion": "all"}, {"alpha": 0.0}, {"margin": -0.1}])
def test_an_unknown_plan_is_refused(wrong):
    with pytest.raises(StatisticsError, match=next(iter(wrong))):
        Plan(**{"design": PAIRED} | wrong)


def test_cases_needed_stand_side_by_side_and_nothing_stays_nothing():
    found = designs_needed(KNOWN, 0.05, [4, 10])
    wide = side_by_side(found)
    assert list(wide.columns) == ["design", "conclusion", "4 readers", "10 readers"] and len(wide) == 12
    assert side_by_side(pd.DataFrame()).empty
