from dataclasses import replace

import pytest

from helpers.explore.material import Material
from helpers.explore.what_if import Decisions, WhatIf
from helpers.stats import mrmc, proportions
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
    for value in proportions.accuracy(rows, ["source"])["value"]:
        assert number_of(value) in made["Right answers: realism (pair)"].drawing.svg
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
    kept = asked._rows("realism_pair", other)
    assert set(kept["reader"]) == {"reader-1", "reader-2"} and "atelectasis" not in set(kept["finding"])


def test_a_margin_gives_verdicts_and_without_one_there_are_none(asked):
    assert "Within the margin? GAN: " in drawn(asked, margin=0.2)["Right answers: realism (pair)"].note
    assert "margin" not in drawn(asked, margin=None)["Right answers: realism (pair)"].note
    assert asked.changed(replace(asked.planned, margin=None)) == ["margin (none, planned 0.1)"]


@pytest.mark.parametrize("other", [{"readers": ()}, {"findings": ()}])
def test_nobody_left_is_said_in_every_figure(asked, other):
    assert all("choose at least one reader and one finding" in one.note for one in drawn(asked, **other).values())


def test_a_frozen_plan_counts_before_the_notebooks(made_up, monkeypatch):
    content = {"08_realism.undetermined": "wrong", "08_realism.margin": 0.05}
    monkeypatch.setattr(frozen_plan, "read", lambda run: {"content": content})
    asked = WhatIf(Material("tiny"))
    assert (asked.planned.undetermined, asked.planned.margin) == ("wrong", 0.05)
    assert asked.statement(asked.planned) == "As decided in the frozen plan."
    assert isinstance(asked.planned, Decisions)
