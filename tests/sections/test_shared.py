"""Sections of notebooks 8 and 9: each table is written and recorded, and what there is not is said."""

import pandas as pd
import pytest

from helpers.sections import shared
from helpers.stats import equivalence, mover, proportions
from helpers.stats.readings import analysed


@pytest.fixture
def rows(readings):
    return analysed(readings, "realism_pair")


def names(results) -> set[str]:
    return {number["name"] for number in results.stage.results}


def test_equivalence_is_recorded_with_its_interval_of_90_percent(results_of, readings, rows, shown):
    results = results_of("08_realism", readings)
    estimate = lambda: equivalence.of_accuracy(rows, 0.1, ["source"])  # noqa: E731
    found = shared.equivalence(results, estimate, "realism.{source}.equivalence_p", "two tests", len(rows))
    assert names(results) == {
        f"realism.{s}.equivalence_p{c}" for s in ("gan", "diffusion") for c in ("", ".readers_like_these")
    }
    assert {"low", "high"} <= set(found) and (found["readings"] == len(rows)).all()
    results.forest = lambda *_, **options: shown.append(options["margins"])
    shared.show_equivalence(results, found, ["source"], "Right", (0.4, 0.6))
    assert shown[-1] == (0.4, 0.6)


@pytest.mark.parametrize(("values", "tables"), [([0.5, 0.6], 0), ([0.5, 0.97], 1)])
def test_mover_intervals_are_kept_always_and_shown_near_the_limits(results_of, readings, rows, shown, values, tables):
    results = results_of("08_realism", readings)
    estimate = lambda: proportions.all_differences(rows, interval=mover.MOVER)  # noqa: E731
    shared.near_limits(results, "differences_mover", estimate, values, "realism", "accuracies")
    assert "realism.difference_mover.gan_minus_diffusion" in names(results)
    assert len([item for item in shown if isinstance(item, pd.DataFrame)]) == tables


def test_without_missing_readings_that_is_all_there_is_to_say(results_of, readings, rows, said, shown):
    shared.missing(results_of("08_realism", readings), rows, "table.csv", "realism")
    assert said() == ["No reading is missing, as far as the table shows."] and len(shown) == 1


def test_missing_readings_are_counted_and_moved(results_of, readings, rows, shown):
    results = results_of("08_realism", readings)
    results.draw = lambda *_, **__: None
    shared.missing(results, rows.iloc[4:], "table.csv", "realism")
    assert pd.read_csv(results.stage.folder / "worst_cases.csv")["assumption"].nunique() > 2
    assert (results.stage.folder / "tipping_points.csv").is_file()
    assert any(name.startswith("realism.gan.worst_case") for name in names(results))


def test_beside_a_result_stands_in_which_studies_its_interval_does_not_hold(results_of, readings, rows, said, shown):
    results = results_of("08_realism", readings)
    found = proportions.accuracy(rows[rows["reader"].isin(sorted(set(rows["reader"]))[:2])], ["source"])
    shared.simulated(results, "accuracy", found, [0.8])
    (text,) = said()
    assert "(2 readers, values away from 0 and 1)" in text and "**Wider than need be, above 97 %**" in text
    shared.simulated(results, "accuracy", found.iloc[:0], [])
    assert said() == [text]
