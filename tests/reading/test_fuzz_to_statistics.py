"""What a page sends goes all the way to notebooks 08 to 10: nothing fails there, is alive, or is lost.

The report of such readings: ``tests/test_report.py``.
"""

import random

import matplotlib.pyplot as plt
import pytest
from designs import QUICK, execute
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from made_up_run import READERS, make_run

from helpers.findings import ORIGINAL
from helpers.provenance import Stage
from helpers.reading.conversation import Conversation
from helpers.reading.pictures import Pictures
from helpers.reading.room import open_study
from helpers.runs import Run
from helpers.study.desk import Desk
from helpers.study.export import export_readings
from helpers.tables import CUES, READINGS, write_table
from helpers.tasks import TASKS

MARKUP = "<img src=x onerror=alert(1)>"
SCRIPT = "</script><script>alert(1)</script>"
NOTES = (
    MARKUP,
    SCRIPT,
    "=cmd|'/C calc'!A0",
    "$\\frac{",
    "{{ 7 * 7 }}",
    "[a](javascript:alert(1))",
    "a|b\n# c",
    "'-x",
    None,
)
SPOILED = ("half \ud83d", float("nan"), 10**400, [], {"do": "agree"}, -1, "x" * 3000)
SENT = ("rating", "cue", "cues", "note", "mark", "mark_image", "active_ms", "submission", "more_marks", "swapped")


def answer_to(trial, chance: random.Random) -> dict:
    """An answer that the trial takes, as unlike those of a careful reader as can be."""
    task = TASKS[trial.task]
    rating = chance.choice(list(task.means))
    asks, marks = task.asks_reason(rating), task.takes_mark(rating) and chance.random() < 0.7
    cues = chance.sample(CUES, chance.randint(1, 3)) if asks else []
    mark = [chance.random(), chance.random(), chance.choice([0, 0.1]), 0] if marks else None
    answer = {"do": "answer", "trial": trial.trial_id, "submission": f"{chance.getrandbits(64):x}", "rating": rating}
    answer |= {"cue": cues[0] if cues else None, "cues": cues, "note": chance.choice(NOTES) if asks else None}
    answer |= {"mark": mark, "mark_image": None if mark is None else chance.randrange(len(trial.images))}
    answer |= {"active_ms": chance.choice([0, 1, 4999.5]), "idle_ms": 0, "swapped": chance.random() < 0.5}
    return answer | {"more_marks": [{"mark": [1e-9, 1, 0, 0], "mark_image": 0}] * chance.randint(0, 3) if mark else []}


@pytest.fixture
def read(workspace):
    """A run that three people have read by messages, every other one of them spoiled; and how often each answered."""
    run, chance = make_run(readings=False, per_cell=1), random.Random(24)
    plan, store = open_study(run.name)
    pictures, answered, told = Pictures(run.stage_folder("06_study_plan")), {}, []
    for reader in READERS:
        desk = Desk(store, plan, reader)
        room = Conversation(desk, pictures, ORIGINAL, lambda message, buffers=(): told.append(message))
        room.receive({"do": "agree"})
        while desk.current:
            answer = answer_to(desk.current, chance)
            room.receive(answer | {chance.choice(SENT): chance.choice(SPOILED)})
            if desk.current and desk.current.trial_id == answer["trial"]:
                room.receive(answer)
        answered[reader] = len(desk.answers)
    assert not [message for message in told if message.get("text") == "trouble_other"], "nothing is unforeseen"
    store.dispose()
    return run, answered


def shown(stage: str, parameters: dict) -> str:
    """What an executed notebook shows that a browser takes for HTML."""
    InteractiveShell.instance()
    with capture_output() as captured:
        execute(stage, parameters)
    kinds = ("text/html", "text/markdown", "text/latex", "image/svg+xml")
    return "\n".join(str(output.data[kind]) for output in captured.outputs for kind in kinds if kind in output.data)


def test_what_a_page_sends_reaches_the_statistics_and_is_dead_there(read, workspace, monkeypatch):
    run, answered = read
    plan, store = open_study(run.name)
    readings = export_readings(store, plan, workspace)
    assert readings.reader.value_counts().to_dict() == answered and set(readings.trial_id) <= set(plan.trial_id)
    write_table(readings[readings.finding == "atelectasis"], workspace / "one.csv", READINGS)  # four take longer
    monkeypatch.setattr(Stage, "figure", lambda stage, figure, name: plt.close(figure))
    for stage in ("08_realism", "09_conditionality", "10_agreement_cues"):
        html = shown(stage, {"run": "fuzzed", "readings": str(workspace / "one.csv")} | QUICK.get(stage, {}))
        assert html and MARKUP not in html and "<script" not in html, stage
        assert Run("fuzzed").manifest(stage).is_file()
