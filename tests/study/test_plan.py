"""The plan: the same cases for all, balanced, blind, and honest about images that are missing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.errors import PlanError
from helpers.findings import ORIGINAL
from helpers.study.plan import make_plan, opaque_name
from helpers.study.settings import PlanSettings
from helpers.tables import PLAN, validate
from helpers.tasks import TASKS

CELLS = ORIGINAL.cells

THREE = ("realism_pair", "realism_single", "conditionality")


def settings_with(**changes):
    base = {"readers": ("ada", "ben"), "seed": 1, "tasks": THREE, "pairs_per_cell": 2, "singles_per_cell": 1}
    return PlanSettings(**(base | {"conditionality_per_cell": 2, "practice_per_task": 2} | changes))


def main(trials):
    return trials[~trials.is_practice & trials.repeat_of.isna()]


def images(trials):
    return list(trials.images.str.split("|").explode())


@pytest.fixture(scope="module")
def made(tables):
    return make_plan(*tables, settings_with(), ORIGINAL)


@pytest.fixture
def trials(made):
    return made.trials


def test_reports_of_images_change_nothing_in_a_plan(tables, made):
    cohort, samples = tables
    plan = make_plan(cohort.assign(text="Clear lungs."), samples, settings_with(), ORIGINAL)
    named = ["trial_id", "repeat_of"]  # by the plan's secret, which every change of a table changes
    pd.testing.assert_frame_equal(plan.trials.drop(columns=named), made.trials.drop(columns=named))


def test_sizes_are_those_asked_for(trials):
    ada = main(trials[trials.reader == "ada"])
    per_cell = ada.groupby(["task", "source", "finding", "present"]).size().unstack([0, 1])
    assert set(per_cell["realism_pair"].columns) == {"gan", "diffusion"}
    assert (per_cell["realism_pair"] == 2).all(axis=None)
    assert (per_cell["conditionality"][["real", "gan", "diffusion"]] == 2).all(axis=None)
    assert (per_cell["realism_single"] == {"gan": 1, "diffusion": 1, "real": 2}).all(axis=None)


def test_reports_of_the_cohort_choose_no_case_and_do_not_enter_the_plan(tables, made):
    cohort, *others = tables
    told = make_plan(cohort.assign(text="Large effusion."), *others, settings_with(), ORIGINAL).trials
    assert sorted(told["images"].str.split("|").explode()) == sorted(made.trials["images"].str.split("|").explode())
    assert "Large" not in told.to_csv()


def test_all_readers_get_the_same_cases_in_orders_of_their_own(trials):
    by_reader = {reader: rows for reader, rows in trials.groupby("reader")}
    ada, ben = by_reader["ada"], by_reader["ben"]
    assert sorted(zip(ada.task, ada.case, strict=True)) == sorted(zip(ben.task, ben.case, strict=True))
    assert list(ada.sort_values("position").case) != list(ben.sort_values("position").case)
    assert list(ada.position) == list(range(1, len(ada) + 1))


def test_tasks_are_blocks_in_the_order_asked_each_beginning_with_practice(trials):
    ada = trials[trials.reader == "ada"].sort_values("position")
    assert tuple(ada.task[ada.task != ada.task.shift()]) == THREE
    for _, block in ada.groupby("task"):
        assert list(block.is_practice) == [True] * 2 + [False] * (len(block) - 2)


def test_no_image_serves_twice_in_a_task_and_practice_images_serve_nowhere_else(trials):
    ada = trials[(trials.reader == "ada") & trials.repeat_of.isna()]
    for _, block in ada.groupby("task"):
        assert len(images(block)) == len(set(images(block)))
    practice = images(ada[ada.is_practice])
    assert len(practice) == len(set(practice)) and not set(practice) & set(images(ada[~ada.is_practice]))


def test_a_pair_is_one_synthetic_and_one_real_image_of_the_same_cell_by_exact_label(trials, tables):
    cohort, samples = (table.set_index("image_id") for table in tables)
    pairs = trials[trials.task == "realism_pair"]
    for row in pairs.itertuples():
        synthetic, real = row.case.split("+")
        assert row.images.split("|") == ([synthetic, real] if row.side == "left" else [real, synthetic])
        sample = samples.loc[synthetic]
        assert (sample.source, sample.finding, sample.present) == (row.source, row.finding, row.present)
        assert cohort.loc[real, row.finding] == row.present and cohort.loc[real, "split"] == "test"


def test_repeats_are_a_tenth_shown_again_later_to_every_reader_alike(trials):
    for task, block in trials.groupby("task"):
        repeated = block[block.repeat_of.notna()]
        assert repeated.groupby("reader").size().nunique() == 1
        assert len(repeated) == 2 * round(0.1 * len(main(block)) / 2), task
        assert repeated.groupby("case").reader.nunique().eq(2).all()
        first = trials.set_index("trial_id").loc[repeated.repeat_of]
        assert list(first.case) == list(repeated.case) and list(first.side.fillna("")) == list(repeated.side.fillna(""))
        assert (repeated.position.to_numpy() - first.position.to_numpy()).min() >= len(block) // 2 // 5


def test_names_reveal_nothing_and_are_unique(made, tables):
    assert made.trials.trial_id.is_unique and made.trials.trial_id.str.fullmatch("[0-9a-f]{20}").all()
    guess = {opaque_name(str(seed).encode(), case) for seed in range(100) for case in made.trials.case}
    assert not guess & set(made.trials.trial_id)
    other = make_plan(tables[0], tables[1].assign(checkpoint="another"), settings_with(), ORIGINAL)
    assert not set(other.trials.trial_id) & set(made.trials.trial_id)


def test_the_same_seed_gives_the_same_plan_and_another_seed_another(made, tables):
    pd.testing.assert_frame_equal(make_plan(*tables, settings_with(), ORIGINAL).trials, made.trials)
    assert set(make_plan(*tables, settings_with(seed=2), ORIGINAL).trials.case) != set(made.trials.case)


def test_a_reader_more_changes_nothing_for_the_others(made, tables):
    more = make_plan(*tables, settings_with(readers=("zoe", "ada", "ben")), ORIGINAL).trials
    kept = more[more.reader != "zoe"].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, made.trials)


@given(
    seed=st.integers(0, 10_000),
    pairs=st.integers(1, 4),
    max_run=st.integers(3, 6),
    repeat_fraction=st.sampled_from([0.0, 0.1, 0.3]),
)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_balance_holds_for_any_seed_and_size(made_up, seed, pairs, max_run, repeat_fraction):
    asked = settings_with(seed=seed, pairs_per_cell=pairs, max_run=max_run, repeat_fraction=repeat_fraction)
    trials = make_plan(made_up.cohort(800), made_up.samples(10), asked, ORIGINAL).trials
    for (_, task), block in trials.groupby(["reader", "task"]):
        right = {"realism_pair": block.side == "right", "realism_single": block.source != "real"}
        answers = right.get(task, block.present == 1).to_numpy(bool)
        ends = np.flatnonzero(np.diff(answers.astype(int)))
        assert np.diff([-1, *ends, len(answers) - 1]).max() <= max_run
    sides = main(trials[trials.task == "realism_pair"]).groupby(["reader", "source", "finding", "side"]).size()
    assert sides.unstack(fill_value=0).diff(axis=1)["right"].abs().max() <= 1


@pytest.mark.parametrize("alternatives", [2, 3, 4])
def test_a_choice_is_one_synthetic_image_among_real_ones_of_its_cell_at_balanced_places(made_up, alternatives):
    name, cohort, samples = f"realism_choice_{alternatives}", made_up.cohort(1500), made_up.samples(8)
    asked = settings_with(tasks=[name, "realism_pair"], choices_per_cell=3)
    trials = make_plan(cohort, samples, asked, ORIGINAL).trials
    of_sample, of_real = samples.set_index("image_id"), cohort.set_index("image_id")
    rows = trials[trials.task == name]
    for row in rows.itertuples():
        synthetic, *partners = row.case.split("+")
        shown = row.images.split("|")
        assert shown.index(synthetic) == TASKS[name].places.index(row.side)
        assert sorted(shown) == sorted([synthetic, *partners]) and len(set(shown)) == alternatives
        sample = of_sample.loc[synthetic]
        assert (sample.source, sample.finding, sample.present) == (row.source, row.finding, row.present)
        assert (of_real.loc[partners, row.finding] == row.present).all()
    ada = main(rows[rows.reader == "ada"])
    assert len(ada) == 3 * 2 * len(CELLS) and len(images(ada)) == len(set(images(ada)))
    counts = ada.groupby(["source", "finding"]).side.value_counts().unstack(fill_value=0)
    assert list(counts) == list(TASKS[name].places) and (counts.max(axis=1) - counts.min(axis=1)).max() <= 1


def test_partners_that_are_lacking_are_counted_image_by_image(made_up):
    cohort = made_up.cohort(600)
    few = cohort.index[(cohort.split == "test") & (cohort.pleural_effusion == 1)]
    cohort.loc[few[5:], "pleural_effusion"] = 0
    asked = settings_with(tasks=["realism_choice_3"], choices_per_cell=2, practice_per_task=0, max_run=8)
    with pytest.raises(PlanError, match=r"real, pleural effusion = 1 .*: 8 asked, 5 available.*choices_per_cell"):
        make_plan(cohort, made_up.samples(3), asked, ORIGINAL)


def test_an_image_id_that_cannot_stand_in_the_plan_is_named(made_up):
    samples = made_up.samples(3)
    samples.loc[2, "image_id"] = "a|b"
    with pytest.raises(PlanError, match=r"'a\|b'.*rename"):
        make_plan(made_up.cohort(600), samples, settings_with(), ORIGINAL)


def test_too_few_images_are_named_with_cell_asked_and_available(made_up):
    with pytest.raises(PlanError, match=r"gan, atelectasis = 1: 5 asked, 4 available"):
        make_plan(
            made_up.cohort(900), made_up.samples(4), settings_with(pairs_per_cell=5, practice_per_task=0), ORIGINAL
        )


def test_a_cell_without_real_images_is_named(made_up):
    cohort = made_up.cohort(600)
    cohort.loc[cohort.split == "test", "pleural_effusion"] = 0
    with pytest.raises(PlanError, match=r"real, pleural effusion = 1 \(split 'test'\): .* no such image"):
        make_plan(cohort, made_up.samples(9), settings_with(), ORIGINAL)


def test_small_cells_are_reduced_and_reported_when_asked(made_up):
    cohort = made_up.cohort(600)
    few = cohort.index[(cohort.split == "test") & (cohort.pleural_effusion == 1)]
    cohort.loc[few[3:], "pleural_effusion"] = 0
    plan = make_plan(cohort, made_up.samples(9), settings_with(small_cells="reduce", max_run=8), ORIGINAL)
    small = plan.small_cells
    assert set(small.finding) == {"pleural_effusion"} and set(small.present) == {1}
    pairs = small[(small.task == "realism_pair") & (small.source == "real")].iloc[0]
    assert pairs.asked == 4 and pairs.used <= pairs.available <= 3
    shown = main(plan.trials[(plan.trials.reader == "ada") & (plan.trials.task == "realism_pair")])
    assert ((shown.finding == "pleural_effusion") & (shown.present == 1)).sum() == pairs.used
    validate(plan.trials, PLAN)


def test_nothing_to_show_is_an_error_even_when_reducing(made_up):
    cohort = made_up.cohort(100)
    for cell in CELLS:
        cohort[cell.finding] = pd.array([pd.NA] * len(cohort), dtype="Int64")
    with pytest.raises(PlanError, match="without any trial"):
        make_plan(cohort, made_up.samples(3), settings_with(tasks=["realism_pair"], small_cells="reduce"), ORIGINAL)


def test_a_trial_knows_the_prompt_template_of_its_synthetic_image(tables):
    cohort, samples = tables
    asked = samples.assign(template=np.where(samples.source == "gan", None, "original"))
    trials = make_plan(cohort, asked, settings_with(), ORIGINAL).trials
    assert set(trials.template[trials.source == "diffusion"]) == {"original"}
    assert trials.template[trials.source != "diffusion"].isna().all()
    assert "template" not in make_plan(cohort, samples.drop(columns="template"), settings_with(), ORIGINAL).trials
