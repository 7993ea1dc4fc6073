"""Planning from readings: what can be planned is, and readings that cannot be planned from end in one line."""

import pytest

from helpers.sections import power
from helpers.stats import coverage, coverage_limits

ASSUMED = {"reader": 0.1, "reader_by_source": 0.05, "case": 0.2}


def test_choices_alone_are_planned_by_nobody_and_every_section_still_ends(results_of, readings, said):
    choices = readings[readings["task"] == "realism_pair"].assign(task="realism_choice_3")
    results = results_of("11_power", choices)
    planning = power.begin(results, "realism_pair", None, None, ASSUMED)
    (line,) = said()
    assert "No study is planned" in line and "realism_choice_3" in line
    power.detectable(results, planning, [0.0, 0.3], 0.8, 4, 1, 1)
    power.shares(results, planning)
    assert power.sizes(results, planning, 0.1, [3], [24], 0.8, 4, 1, 1) is None
    power.closed_form(results, planning, 0.1, [3], 0.8)
    power.prompts(results, planning, 0.1, [3], 0.8)
    assert len(said()) == 1 and not results.stage.results


def test_ratings_of_present_cases_alone_plan_no_study(results_of, readings, said):
    rated = readings[(readings["task"] == "conditionality") & (readings["truth"] == 1)]
    results = results_of("11_power", rated)
    planning = power.begin(results, "realism_pair", None, None, ASSUMED)
    assert not planning.asked and said() == [
        "**No study is planned**: an area under the ROC curve needs present and absent cases."
    ]
    power.detectable(results, planning, [0.0, 0.3], 0.8, 4, 1, 1)
    assert not results.stage.results


def test_the_questions_of_a_study_have_their_curves_sizes_and_shares(results_of, readings):
    pairs = readings[readings["task"] == "realism_pair"]
    results = results_of("11_power", pairs)
    planning = power.begin(results, "realism_pair", None, None, ASSUMED)
    assert planning.pair == ["gan", "diffusion"] and planning.ratings is None and planning.chosen == "fitted"
    power.detectable(results, planning, [0.0, 0.3], 0.8, 4, 1, 1)
    power.shares(results, planning)
    needed = power.sizes(results, planning, 0.3, [3], [24], 0.8, 4, 1, 1)
    assert set(needed.index.get_level_values("Shares")) == {"fitted", "assumed"}
    names = {number["name"] for number in results.stage.results}
    assert {"power.detectable_difference", "power.share.accuracy.fitted.case"} <= names
    for table in ("curves", "detectable", "components", "grid", "needed"):
        assert (results.stage.folder / f"{table}.csv").is_file()


def test_hard_settings_that_fail_are_counted_and_every_coverage_outside_the_band_is_named(results_of, readings, said):
    shown = power.hard_settings(results_of("11_power", readings))
    hard = coverage.load(coverage_limits.COMMITTED)
    (line,) = said()
    assert line.startswith(f"{(~hard['holds']).sum()} of 256 shares")
    titled = hard.replace({"measure": {"auc": "AUC", "accuracy": "Accuracy"}}).rename(columns=str.capitalize)
    covered = titled[titled["What"] == coverage.COVERAGE].set_index(shown.index.names)
    named = {False: set(covered.index) - set(shown.index), True: set(shown.index)}
    for is_named, settings in named.items():
        for setting in settings:
            assert covered.loc[[setting], "Share"].between(0.93, 0.97).all() != is_named, setting
    three = shown.xs("three readers", level="Design").xs("readers like these", level="Conclusion")
    assert three["one source"].tolist() == ["93.0 % to 97.0 %", "92.5 %"]


def test_what_was_found_of_known_wordings_stands_by_its_cases_and_conclusion(results_of, readings, said):
    shown = power.known_wordings(results_of("11_power", readings))
    assert "2000 studies in each setting, seed 1" in said()[-1]
    assert shown.loc[("type I error", "AUC", "templates alike"), (16, "these readers")] == "1.9 %"
    assert set(shown.index.get_level_values("What")) == {"coverage", "power", "type I error", "type I error, any pair"}


def test_the_table_of_coverage_is_tried_again(results_of, readings, said, monkeypatch):
    monkeypatch.setattr(coverage, "table", lambda sets, seed: coverage.load().assign(sets=sets))
    results = results_of("11_power", readings)
    results.draw = lambda *_, **__: None
    power.intervals(results, 10, 1)
    assert f"0 of {len(coverage.load())} shares from 10 new studies" in said()[-2]
    assert "too often (above 6.5 %) in 0 of 48 settings" in said()[-1] and "(below 93 %) in 8 of 48" in said()[-1]


def test_one_of_two_sources_is_refused(results_of, readings):
    with pytest.raises(Exception, match="name two of the sources"):
        power.begin(results_of("11_power", readings), "realism_pair", "gan", None, ASSUMED)
