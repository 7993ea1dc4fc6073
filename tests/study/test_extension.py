"""A plan that is being read grows by readers, cases and tasks; what stands in it stays as it is."""

import pandas as pd
import pytest

from helpers.errors import PlanError
from helpers.findings import ORIGINAL
from helpers.runs import Run
from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.display import image_paths, write_display
from helpers.study.extension import extend_plan, people_who_began, plan_of_run
from helpers.study.plan import make_plan
from helpers.study.settings import PlanSettings
from helpers.study.store import Store
from helpers.tables import PLAN, read_table, write_table

ASKED = {"readers": ("ada", "ben", "guest"), "seed": 1, "tasks": ("realism_pair", "conditionality")}
ASKED |= {"pairs_per_cell": 1, "conditionality_per_cell": 1, "practice_per_task": 1, "repeat_fraction": 0.2}


def settings_with(**changes):
    return PlanSettings(**(ASKED | changes))


@pytest.fixture(scope="module")
def made(tables):
    return make_plan(*tables, settings_with(), ORIGINAL)


@pytest.fixture
def extend(made, tables):
    """A function: the plan extended to what the settings ask for."""

    def extend(plan=made, tables=tables, **changes):
        return extend_plan(plan.trials, plan.cells, plan.shown, *tables, settings_with(**changes), ORIGINAL)

    return extend


def of(plan, reader):
    return plan.trials[plan.trials.reader == reader].reset_index(drop=True)


def main(trials):
    return trials[~trials.is_practice & trials.repeat_of.isna()]


def check_that_old_trials_stay(before, after):
    for reader in before.trials.reader.unique():
        old, new = of(before, reader), of(after, reader)
        pd.testing.assert_frame_equal(new.iloc[: len(old)], old)
        assert list(new.position) == list(range(1, len(new) + 1))


def test_where_nothing_is_new_the_same_plan_comes_back(made, extend):
    same = extend()
    check_that_old_trials_stay(made, same)
    assert len(same.trials) == len(made.trials)
    pd.testing.assert_frame_equal(same.cells, made.cells)


def test_a_reader_who_joins_reads_the_same_cases_in_an_order_of_their_own(made, extend):
    grown = extend(readers=("ada", "ben", "eve", "guest"))
    check_that_old_trials_stay(made, grown)
    assert list(grown.trials.reader.unique()) == ["ada", "ben", "eve", "guest"]
    eve, ada = of(grown, "eve"), of(grown, "ada")
    assert set(eve.case[eve.is_practice]) == set(ada.case[ada.is_practice])
    assert set(eve.case[eve.repeat_of.notna()]) == set(ada.case[ada.repeat_of.notna()])
    assert sorted(eve.case) == sorted(ada.case) and list(eve.case) != list(ada.case)
    assert not set(eve.trial_id) & set(ada.trial_id)


def test_a_reader_who_is_no_longer_asked_for_stays(made, extend):
    assert set(extend(readers=("eve", "guest")).trials.reader) == {"ada", "ben", "eve", "guest"}


def test_more_cases_come_after_those_that_are_there_with_images_of_their_own(made, extend):
    grown = extend(readers=("ada", "eve", "guest"), pairs_per_cell=2, conditionality_per_cell=2)
    check_that_old_trials_stay(made, grown)
    per_cell = main(of(grown, "ada")).groupby(["task", "source", "finding", "present"]).size()
    assert (per_cell == 2).all() and len(per_cell) == 8 * 2 + 8 * 3
    for reader in ("ada", "eve"):
        for _, trials in of(grown, reader).query("repeat_of.isna()").groupby("task"):
            shown = trials.images.str.split("|").explode()
            assert not shown.duplicated().any(), "no image twice in a task"
    practice = grown.trials[grown.trials.is_practice].images.str.split("|").explode()
    assert not set(practice) & set(main(grown.trials).images.str.split("|").explode())
    assert (grown.cells.query("task == 'realism_pair' and source == 'gan'")[["asked", "used"]] == 2).all(axis=None)
    assert sorted(main(of(grown, "eve")).case) == sorted(main(of(grown, "ada")).case)


def test_a_task_that_joins_begins_with_its_practice(made, extend):
    grown = extend(tasks=("realism_pair", "conditionality", "realism_single"), singles_per_cell=1)
    check_that_old_trials_stay(made, grown)
    joined = of(grown, "ada").query("task == 'realism_single'")
    assert joined.is_practice.tolist()[0] and joined.is_practice.sum() == 1 and len(main(joined)) == 8 * 4


def test_more_images_in_the_tables_change_nothing_that_was_read(made, extend, made_up, tables):
    cohort, samples = tables
    more = pd.concat([samples, made_up.samples(8).query("seed >= 4")], ignore_index=True)
    grown = extend(tables=(cohort, more), conditionality_per_cell=3)
    check_that_old_trials_stay(made, grown)
    check_that_old_trials_stay(grown, extend(grown, (cohort, more), conditionality_per_cell=3))


def test_images_that_are_gone_are_named(extend, tables):
    cohort, samples = tables
    with pytest.raises(PlanError, match="no longer in cohort.csv or samples.csv"):
        extend(tables=(cohort, samples[samples.source == "gan"]))


def test_new_cases_that_lack_images_are_named_or_left_out(extend):
    with pytest.raises(PlanError, match="not enough images"):
        extend(pairs_per_cell=9)
    grown = extend(pairs_per_cell=9, small_cells="reduce")
    assert (grown.small_cells.used >= 1).all() and (grown.small_cells.asked == 9).any()


@pytest.fixture
def run(workspace, made, small_run, monkeypatch):
    """A run with the plan and its display images."""
    monkeypatch.delenv("HELPERS_DATABASE", raising=False)
    run, (folder, *tables) = Run("pilot"), small_run
    stage = run.stage_folder("06_study_plan")
    write_table(made.trials, stage / "plan.csv", PLAN)
    write_table(made.cells, stage / "cells.csv")
    write_display(made, image_paths(*tables, folder), 32, stage)
    return run


def read(run, reader, kind="human"):
    plan = read_table(run.stage_folder("06_study_plan") / "plan.csv", PLAN)
    store = Store(run.database, plan)
    desk = Desk(store, plan, reader, kind)
    desk.answer(desk.current.trial_id, "s", Answer(0))
    store.dispose()


@pytest.mark.parametrize(("reader", "kind"), [(None, None), ("guest", "human"), ("ada", "simulated")])
def test_a_plan_that_no_person_of_the_study_has_read_is_made_anew(run, tables, reader, kind):
    if reader:
        read(run, reader, kind)
    assert people_who_began(run.database) == []
    plan = plan_of_run(run, *tables, settings_with(seed=2), ORIGINAL)
    assert not plan.shown and plan.trials.equals(make_plan(*tables, settings_with(seed=2), ORIGINAL).trials)


def test_a_plan_that_somebody_reads_is_extended_and_everyone_reads_on(run, made, tables, small_run):
    read(run, "ada")
    stage = run.stage_folder("06_study_plan")
    files = {file: file.read_bytes() for file in (stage / "display").iterdir()}
    plan = plan_of_run(run, *tables, settings_with(readers=("ada", "eve", "guest"), pairs_per_cell=2), ORIGINAL)
    check_that_old_trials_stay(made, plan)
    write_display(plan, image_paths(*tables, small_run[0]), 32, stage)
    assert all(file.read_bytes() == content for file, content in files.items()), "what was shown keeps its file"
    write_table(plan.trials, stage / "plan.csv", PLAN)
    assert Desk(Store(run.database, plan.trials), plan.trials, "ada").answered == 1
    read(run, "eve")


def test_an_image_that_would_look_different_now_is_named(run, tables, small_run, tmp_path):
    read(run, "ada")
    plan = plan_of_run(run, *tables, settings_with(), ORIGINAL)
    paths = image_paths(*tables, small_run[0])
    one, other = list(plan.shown)[:2]
    with pytest.raises(PlanError, match=f"{one}.*would look different now"):
        write_display(plan, paths | {one: paths[other]}, 32, run.stage_folder("06_study_plan"))
