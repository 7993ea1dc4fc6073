"""What the browser is told of where the session stands."""

import json

import pandas as pd

from helpers.reading.room import StudyInReading
from helpers.reading.turn import turn_of
from helpers.study.desk import Desk
from helpers.study.session import Session
from helpers.study.trials import trials_of


def test_the_turn_is_as_short_in_a_long_session_as_in_a_short_one(run):
    study = StudyInReading("tiny")
    desk, plan = Desk(study.store, study.plan, "guest"), study.plan
    short = turn_of(desk)
    rows = plan[(plan.reader == "guest") & ~plan.is_practice].iloc[:1]
    many = pd.concat([rows] * 10_000).assign(trial_id=[f"{n:08x}" for n in range(10_000)], position=range(1, 10_001))
    desk.session = Session(trials_of(many, "guest"))
    assert len(json.dumps(turn_of(desk))) <= len(json.dumps(short)) + 20
