from dataclasses import replace

import pandas as pd
import pytest

from helpers.explore.material import Material
from helpers.explore.what_if import Decisions, WhatIf
from helpers.stats import mrmc, proportions
from helpers.stats.primary import primary_questions
from helpers.stats.readings import analysed
from helpers.study import frozen_plan


@pytest.fixture(scope="module")
def asked(made_up):
    return WhatIf(Material("tiny"))


def drawn(asked: WhatIf, **other) -> dict:
    made = [make() for make in asked.figures(replace(asked.planned, **other))]
    return {one.title: one for one in made}


def number_of(value: float) -> str:
    return f"{value:.2f} (".replace("-", "\N{MINUS SIGN}")


def test_as_planned_the_numbers_are_those_of_the_notebooks(asked):
    made = drawn(asked)
    rows = analysed(asked.readings, "realism_pair")
    right, differences = proportions.accuracy(rows, ["source"]), proportions.all_differences(rows)
    for value in right["value"]:
        assert number_of(value) in made["Right answers: realism (pair)"].drawing.svg
    corrected = primary_questions({"accuracy": right, "difference": differences}, ["accuracy", "difference"])
    for row in corrected.itertuples():
        figure = "Right answers" if row.question == "accuracy" else "Between sources"
        assert f"{row.p_holm:.3f} ({row.conclusion})" in made[f"{figure}: realism (pair)"].note
    rated = analysed(asked.readings, "conditionality")
    for value in mrmc.headline(mrmc.comparisons(rated))["value"]:
        assert number_of(value) in made["Between sources: conditionality"].drawing.svg
    assert asked.changed(asked.planned) == []
    assert "no plan was frozen in this run" in asked.statement(asked.planned)


def test_another_rule_changes_what_it_is_about_and_is_exploratory(asked):
    other = replace(asked.planned, undetermined="wrong")
    rows = analysed(asked.readings, "realism_pair")
    svg = drawn(asked, undetermined="wrong")["Right answers: realism (pair)"].drawing.svg
    for value in proportions.accuracy(rows, ["source"], "wrong")["value"]:
        assert number_of(value) in svg
    assert asked.statement(other).startswith("Exploratory: differs from")
    assert "what “cannot determine” counts (wrong, planned half)" in asked.statement(other)


def test_readers_and_findings_can_be_left_out_and_are_named(asked):
    other = replace(asked.planned, readers=asked.planned.readers[:2], findings=asked.planned.findings[1:])
    assert asked.changed(other) == ["readers (without reader-3)", "findings (without Atelectasis)"]
    kept = asked._chosen("realism_pair", other)
    assert set(kept["reader"]) == {"reader-1", "reader-2"} and "atelectasis" not in set(kept["finding"])


def test_a_margin_gives_verdicts_and_without_one_there_are_none(asked):
    assert "Within the margin? GAN: " in drawn(asked, margin=0.2)["Right answers: realism (pair)"].note
    assert "margin" not in drawn(asked, margin=None)["Right answers: realism (pair)"].note
    assert asked.changed(replace(asked.planned, margin=None)) == ["margin (none, planned 0.1)"]


def test_the_margin_of_areas_is_another_one(asked):
    before, after = drawn(asked), drawn(asked, area_margin=None)
    changed = [title for title, one in after.items() if one is not before[title]]
    assert changed == ["Between sources: conditionality"] and "margin" not in after[changed[0]].note


def test_a_figure_that_a_decision_does_not_touch_is_not_made_again(asked):
    before, after = drawn(asked), drawn(asked, undetermined="excluded")
    assert [title for title, one in after.items() if one is before[title]] == [
        "Area under the curve: conditionality",
        "Between sources: conditionality",
    ]


def test_a_question_that_is_not_primary_is_not_corrected_and_leaves_a_smaller_family(asked):
    before = drawn(asked)["Right answers: realism (pair)"].note
    alone = drawn(asked, primary=("08_realism.accuracy",))
    assert "correction over 3 primary p values" in before
    assert "correction over 2 primary p values" in alone["Right answers: realism (pair)"].note
    assert "not corrected" in alone["Between sources: realism (pair)"].note
    assert "primary questions" in asked.statement(replace(asked.planned, primary=()))


def test_a_subgroup_is_analysed_alone(asked):
    levels = pd.DataFrame({"sex": pd.Categorical(["F", "M"] * (len(asked.readings) // 2))})
    asked = WhatIf(asked.material)
    asked.subgroups = levels
    asked.planned = replace(asked.planned, groups=(("sex", ("F", "M")),))
    women = replace(asked.planned, groups=(("sex", ("F",)),))
    rows = asked.readings[levels["sex"] == "F"]
    for task in asked.tasks:
        assert set(asked._chosen(task, women)["trial_id"]) == set(analysed(rows, task)["trial_id"])
    for value in proportions.accuracy(analysed(rows, "realism_pair"), ["source"])["value"]:
        assert number_of(value) in drawn(asked, groups=women.groups)["Right answers: realism (pair)"].drawing.svg


def test_an_algorithm_counts_only_where_nobody_else_is_chosen(made_up):
    material = Material("tiny")
    kinds = material.readings["reader_kind"].astype(object).mask(material.readings["reader"] == "reader-3", "algorithm")
    material.readings["reader_kind"] = kinds
    asked = WhatIf(material)
    assert set(asked._chosen("conditionality", asked.planned)["reader"]) == {"reader-1", "reader-2"}
    assert set(asked._chosen("conditionality", replace(asked.planned, readers=("reader-3",)))["reader"]) == {"reader-3"}


@pytest.mark.parametrize("other", [{"readers": ()}, {"findings": ()}])
def test_nobody_left_is_said_in_every_figure(asked, other):
    assert all("choose at least one reader, one finding" in one.note for one in drawn(asked, **other).values())


def test_a_frozen_plan_counts_before_the_notebooks(made_up, monkeypatch):
    content = {"08_realism.undetermined": "wrong", "08_realism.margin": 0.05}
    monkeypatch.setattr(frozen_plan, "read", lambda run: {"content": content})
    asked = WhatIf(Material("tiny"))
    assert (asked.planned.undetermined, asked.planned.margin) == ("wrong", 0.05)
    assert asked.statement(asked.planned) == "As decided in the frozen plan."
    assert isinstance(asked.planned, Decisions)
