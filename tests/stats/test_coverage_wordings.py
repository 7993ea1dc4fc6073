"""Studies of wordings whose truth is known: what the notebooks compute is what is counted, and the counts are good."""

import numpy as np
import pytest

from helpers.stats import coverage_wordings as known
from helpers.stats import mrmc, proportions
from helpers.stats.coverage import COVERAGE, DIFFERENT, TYPE_ONE, load
from helpers.stats.crossed import t_interval, t_p_value
from helpers.stats.power import SPREADS
from helpers.stats.roe_metz import ACCURACY, AREA
from helpers.stats.wordings import by_wording

DIFFERENCES = {ACCURACY: proportions.all_differences, AREA: mrmc.all_auc_differences}
BY_READER = {ACCURACY: proportions.accuracy, AREA: mrmc.auc}


@pytest.mark.parametrize("measure", [ACCURACY, AREA])
def test_simulated_studies_are_analysed_as_the_notebooks_analyse_readings(measure):
    answers, _ = known.studies(measure, known.SAME, DIFFERENT, 2, sets=2, seed=4)
    rows = by_wording(known.rows_of(measure, answers[1]))
    table = DIFFERENCES[measure](rows).set_index(["first", "second", "conclusion"])
    parts = [known.of_template(measure, answers[1, place]) for place in range(3)]
    for first, second in ((0, 1), (0, 2), (1, 2)):
        own = SPREADS[measure](known.minus(parts[first], parts[second]))
        for conclusion in ("these readers", "readers like these"):
            line = table.loc[(known.TEMPLATES[first], known.TEMPLATES[second], conclusion)]
            assert line["value"] == pytest.approx(float(own.value))
            assert (line["low"], line["high"]) == pytest.approx(
                tuple(map(float, t_interval(own.value, *own.of(conclusion))))
            )
            assert line["p_value"] == pytest.approx(float(t_p_value(own.value, *own.of(conclusion))))
    cells = BY_READER[measure](rows, ["reader", "source"]).query("conclusion == 'these readers'")
    shown = cells.pivot(index="reader", columns="source", values="value")[list(known.TEMPLATES)]
    assert shown.to_numpy() == pytest.approx(np.stack([part.value for part in parts], axis=-1))


def test_a_template_that_ignores_absent_has_an_area_of_one_half():
    rows = known.rows_of(AREA, known.studies(AREA, known.IGNORED, DIFFERENT, 40, sets=1, seed=2)[0][0])
    areas = mrmc.auc(by_wording(rows), ["source"]).query("conclusion == 'these readers'").set_index("source")["value"]
    assert areas["original"] == pytest.approx(0.5, abs=0.06) and areas["negated"] == pytest.approx(0.8, abs=0.08)


@pytest.fixture(scope="module")
def table():
    return load(known.COMMITTED)


def test_what_was_planted_is_found_at_its_size(table):
    assert (table["sets"] >= 2000).all()
    off = table[(table["what"] == known.OFF) & (table["truth"] == known.IGNORED)]
    assert len(off) == 8 and off["share"].abs().max() < 0.01
    assert table.loc[table["what"] == COVERAGE, "share"].min() > 0.93


def test_where_templates_are_alike_a_test_finds_a_difference_in_about_one_study_of_twenty(table):
    errors = table[table["what"] == TYPE_ONE]
    large = errors[(errors["measure"] == ACCURACY) | (errors["cases"] == known.cases_of(8))]
    assert large["low"].lt(0.065).all() and large["high"].gt(0.035).all() and len(large) == 12


def test_with_two_cases_in_a_cell_the_test_of_areas_finds_less_and_never_more(table):
    few = table[(table["measure"] == AREA) & (table["cases"] == known.cases_of(2))]
    assert few.loc[few["what"].isin([TYPE_ONE, known.ANY]), "high"].max() < 0.035


def test_the_table_can_be_made_again(table, again=100):
    new = known.table(again, seed=8)
    both = table.merge(new, on=known.KEY, suffixes=("", "_again"), validate="one_to_one")
    assert len(both) == len(table) == len(new)
    shares = both[both["what"] != known.OFF]
    pooled = (shares["share"] * shares["sets"] + shares["share_again"] * again) / (shares["sets"] + again)
    error = np.sqrt(pooled * (1 - pooled) * (1 / shares["sets"] + 1 / again)).clip(lower=1e-3)
    assert ((shares["share_again"] - shares["share"]).abs() / error).max() < 4.5
