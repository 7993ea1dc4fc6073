"""The table of the published analysis: it speaks of what the notebooks compute, and can be made again."""

import numpy as np
import pytest

from helpers.stats import coverage
from helpers.stats.coverage import COVERAGE, DIFFERENT, KEY, SIZES, VALUES
from helpers.stats.coverage_published import COMMITTED, OWN, POOLED, as_table, lines_of, published
from helpers.stats.crossed import LIKE, THESE, Influence, t_p_value
from helpers.stats.mrmc.obuchowski_rockette import obuchowski_rockette
from helpers.stats.mrmc.panel import panel
from helpers.stats.mrmc.structural import influence
from helpers.stats.readings import analysed
from helpers.tables import CONDITIONALITY


@pytest.mark.parametrize(
    ("error", "pairs", "treatments"), [("own", [(0, 1)], 2), ("pooled", [(0, 1), (0, 2), (1, 2)], 3)]
)
@pytest.mark.parametrize("conclusion", [THESE, LIKE])
def test_its_variances_are_those_of_the_analysis_of_readings(simulate, error, pairs, treatments, conclusion):
    rows = analysed(simulate(seed=4, separation=0.8), CONDITIONALITY)
    rows = rows[rows["finding"] == "atelectasis"]
    whole = panel(rows, "source")
    values, cases = influence(whole)
    parts = [Influence(v, c, np.zeros(c.shape[-1], dtype=int)) for v, c in zip(values, cases, strict=True)]
    found = published([parts[a].minus(parts[b]) for a, b in pairs], treatments)
    table = obuchowski_rockette(rows, conclusion=conclusion, error=error).differences
    line = table[(table["first"] == whole.treatments[0]) & (table["second"] == whole.treatments[1])].iloc[0]
    variance, degrees = found.of(conclusion)
    assert (found.value, variance**0.5) == pytest.approx((line["value"], line["standard_error"]))
    assert degrees == pytest.approx(line["degrees_of_freedom"])
    assert float(t_p_value(found.value, variance, degrees)) == pytest.approx(line["p_value"])


def test_every_setting_has_both_analyses_and_10_000_studies():
    table = coverage.load(COMMITTED)
    assert not table.duplicated(KEY).any() and (table["sets"] == 10_000).all()
    assert len(table) == 2 * 2 * 2 * len(SIZES) * len(VALUES["auc"]) * 2 and set(table["interval"]) == {OWN, POOLED}


def test_a_setting_can_be_made_again():
    again = as_table(lines_of(DIFFERENT, SIZES[0], 0.8, 400, seed=9), 400)
    compared = coverage.compared(coverage.load(COMMITTED).merge(again[KEY]), again)
    assert len(compared) == 8 and (compared["z"].abs() < 4).all()


def test_where_it_errs_more_than_it_says_there_are_few_readers_or_areas_near_1():
    table = coverage.load(COMMITTED)
    covered = table[table["what"] == COVERAGE]
    assert (covered.loc[covered["share"] < 0.93, "conclusion"] == LIKE).all()
    often = table[(table["what"] == coverage.TYPE_ONE) & (table["share"] > 0.065)]
    assert set(often["readers"]) <= {3} and set(often["conclusion"]) <= {LIKE} and set(often["interval"]) <= {OWN}
