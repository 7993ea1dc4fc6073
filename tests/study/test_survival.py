"""Killed at any moment, a reading goes on at the same trial: nothing acknowledged is lost, nothing is doubled."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
import writers

from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.session import Session
from helpers.study.store import Store
from helpers.study.trials import trials_of
from helpers.tables import PLAN, write_table

KILLS = 200  # of processes; the system, and with it what was written, lives on


def acknowledged(lines: list[str]) -> list[str]:
    """Trials whose answer was said to be stored and not to be taken back, in order."""
    answers = []
    for line in lines:
        word, trial_id = line.split()
        answers.append(trial_id) if word == "answered" else answers.remove(trial_id)
    return answers


def check(store: Store, plan, reader: str, known: list[str]) -> Session:
    """The log replays; what was acknowledged is in it, once, and at most one answer or undo more."""
    events = store.events(reader)
    session = Session(trials_of(plan, reader), events)
    answers = list(session.answers)
    assert answers == [f"{reader}-{i}" for i in range(len(answers))]
    assert abs(len(answers) - len(known)) <= 1 and answers[: len(known)] == known[: len(answers)]
    submissions = [event.submission_id for event in events if event.kind == "answered"]
    assert len(set(submissions)) == len(submissions)
    undone = sum(event.kind == "undone" for event in events)
    assert len(submissions) - undone == len(answers)
    return session


def test_a_process_killed_at_any_moment_goes_on_at_the_same_trial(tmp_path):
    plan, database, reader = writers.plan_of(["ada"], 2000), tmp_path / "r.sqlite", "ada"
    write_table(plan, tmp_path / "plan.csv", PLAN)
    arguments = [sys.executable, writers.__file__, str(database), str(tmp_path / "plan.csv"), reader]
    chance, lines = random.Random(1), []
    for _ in range(4):  # starting a process is slow; most kills are below, of forked ones
        with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
            lines.append(process.stdout.readline())
            time.sleep(chance.uniform(0, 0.2))
            process.kill()
            lines += process.stdout.readlines()
        said = acknowledged([line for line in lines if line.endswith("\n")])
        answers = list(check(Store(database, plan), plan, reader, said).answers)
        lines = [f"answered {trial_id}\n" for trial_id in answers]
    assert len(answers) > 4


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_kills_at_random_moments_lose_and_double_nothing(in_memory):
    readers = [f"reader-{number}" for number in range(200)]  # the next one begins where one has finished
    plan, database = writers.plan_of(readers, 40), in_memory / "r.sqlite"
    store, chance, place, answers = Store(database, plan), random.Random(2), 0, []
    for _ in range(KILLS):
        lines = killed_while_reading(store, plan, readers[place], chance.uniform(0, 0.03))
        known = acknowledged([f"answered {trial_id}" for trial_id in answers] + lines)
        session = check(store, plan, readers[place], known)
        answers = list(session.answers)
        if session.is_finished:
            place, answers = place + 1, []
    assert 40 * place + len(answers) >= KILLS / 2  # it did go on between the kills
    with sqlite3.connect(database) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def killed_while_reading(store: Store, plan, reader: str, seconds: float) -> list[str]:
    """What a forked process said that read on and was killed so long after its first word."""
    store.dispose()  # the child opens connections of its own
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(write_end, 1)
        sys.stdout = os.fdopen(1, "w", buffering=1)
        writers.read_all(Desk(store, plan, reader))
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as said:
        first = said.readline()
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return [line for line in (first, *said) if line.endswith("\n")]


@pytest.mark.parametrize("is_stored", [True, False])
def test_an_answer_sent_again_after_a_kill_is_one_answer(tmp_path, is_stored):
    plan = writers.plan_of(["ada"], 3)
    if is_stored:  # the commit was made, the reply was lost
        Desk(Store(tmp_path / "r.sqlite", plan), plan, "ada").answer("ada-0", "s", Answer(1))
    desk = Desk(Store(tmp_path / "r.sqlite", plan), plan, "ada")
    assert desk.answer("ada-0", "s", Answer(1)) is not is_stored
    assert [event.kind for event in desk.store.events("ada")] == ["answered"] and desk.current.trial_id == "ada-1"
