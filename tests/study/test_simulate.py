"""Simulated readers at the desk: to the end, again the same, and no harm to people's readings."""

import pandas as pd
import pytest

from helpers.findings import ORIGINAL
from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.display import display_files, image_paths, write_display
from helpers.study.export import readings_table
from helpers.study.observers import train_observer
from helpers.study.plan import make_plan
from helpers.study.settings import PlanSettings
from helpers.study.simulate import later, run_readers, see
from helpers.study.store import Store


@pytest.fixture(scope="module")
def study(small_run, tmp_path_factory):
    """Plan, display files and trained expertise of the small run."""
    run, cohort, samples = small_run
    tasks = ("realism_pair", "realism_single", "conditionality", "realism_choice_3")
    asked = PlanSettings(
        ["ada", "ben"],
        1,
        tasks,
        pairs_per_cell=1,
        singles_per_cell=1,
        conditionality_per_cell=1,
        practice_per_task=1,
        choices_per_cell=1,
    )
    plan = make_plan(cohort, samples, asked, ORIGINAL)
    folder = tmp_path_factory.mktemp("plan")
    write_display(plan, image_paths(cohort, samples, run), 32, folder)
    return plan.trials, display_files(folder), train_observer(cohort, run, ORIGINAL, seed=1)


@pytest.fixture(scope="module")
def whole(study, tmp_path_factory):
    """Readings of an undisturbed simulation."""
    store = Store(tmp_path_factory.mktemp("whole") / "readings.sqlite", study[0])
    summary = run_readers(store, *study, seed=1)
    return readings_table(store, study[0]), summary


def test_every_reader_reads_to_the_end(study, whole):
    readings, summary = whole
    assert (summary.answered == summary.total).all() and list(summary.reader) == ["ada", "ben"]
    assert set(readings.trial_id) == set(study[0].trial_id) and (readings.reader_kind == "simulated").all()


def test_noisy_images_are_found_out_findings_are_seen_and_answers_spread_over_the_scale(whole):
    readings, _ = whole
    asked = readings[(readings.task == "conditionality") & readings.correct.notna()]
    assert asked.correct.mean() > 0.55
    pairs = readings[(readings.task == "realism_pair") & (readings.source == "gan") & readings.correct.notna()]
    assert pairs.correct.mean() > 0.8
    assert readings.rating[readings.task != "realism_choice_3"].nunique() == 5
    choices = readings[readings.task == "realism_choice_3"]
    assert choices.correct[choices.source == "gan"].mean() > 0.7
    assert set(choices.rating) == {1, 2, 3} and choices.cue.notna().all()


class Killed(Exception):
    pass


def test_killed_and_started_again_the_readings_are_the_same(study, whole, tmp_path, monkeypatch):
    store = Store(tmp_path / "readings.sqlite", study[0])
    extend, stop = store.extend, iter(range(10_000))

    def dying(*arguments):
        if next(stop) in (17, 60):
            raise Killed
        return extend(*arguments)

    monkeypatch.setattr(store, "extend", dying)
    for _ in range(2):
        with pytest.raises(Killed):
            run_readers(store, *study, seed=1)
    run_readers(store, *study, seed=1)
    pd.testing.assert_frame_equal(readings_table(store, study[0]), whole[0])


def test_a_second_run_adds_nothing(study, tmp_path):
    store = Store(tmp_path / "readings.sqlite", study[0])
    run_readers(store, *study, seed=1, readers=["ben"])
    before = store.events("ben")
    run_readers(store, *study, seed=1, readers=["ben"])
    assert store.events("ben") == before and before[-1].kind == "closed" and list(store.readers()) == ["ben"]


def test_people_are_left_alone(study, tmp_path):
    store = Store(tmp_path / "readings.sqlite", study[0])
    desk = Desk(store, study[0], "ada", "human")
    desk.answer(desk.current.trial_id, "s", Answer(0))
    summary = run_readers(store, *study, seed=1).set_index("reader")
    assert summary.kind.to_dict() == {"ada": "human", "ben": "simulated"}
    assert summary.answered["ada"] == 1 and len(store.events("ada")) == 1


def test_the_pixels_decide(study):
    """Swap two images' files, and what is seen of them is swapped."""
    _, files, expertise = study
    first, second = list(files)[:2]
    swapped = files | {first: files[second], second: files[first]}
    before, after = see(files, expertise), see(swapped, expertise)
    assert before[first].deviation == pytest.approx(after[second].deviation)
    assert before[first].deviation != pytest.approx(after[first].deviation)


def test_the_simulated_clock_counts_milliseconds():
    assert later("2000-01-01T00:00:59.900+00:00", 250) == "2000-01-01T00:01:00.150+00:00"
