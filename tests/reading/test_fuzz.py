"""Whatever a page sends, and whatever stands in the database: no exception, no markup alive, no answer lost."""

import json
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from helpers.findings import ORIGINAL
from helpers.reading.conversation import Conversation
from helpers.reading.messages import KINDS as MESSAGES
from helpers.reading.owner import answers_so_far, as_html_table, in_lines, progress_by_reader, sittings
from helpers.reading.pictures import Pictures
from helpers.stats.marks import each_mark
from helpers.study.counting import COUNT_READERS
from helpers.study.desk import Desk
from helpers.study.events import KINDS
from helpers.study.export import export_readings
from helpers.study.record import sessions_of, set_aside
from helpers.study.schema import EVENTS
from helpers.study.store import Store
from helpers.tables import PLAN, READINGS, read_table

MARKUP = "<img src=x onerror=alert(1)>"
PLACES = {"display": {"window": [1400, 900], "screen": [2048, 1152], "device_pixel_ratio": 1.25, "colour_depth": 30}}
SIGHT = PLACES | {"ramp": {"dark": True, "bright": False}}
ODD = [MARKUP, "half \ud83d", "=cmd|'/C calc'!A0", "'+1", "a\x00b", "NA", "", " ", "x" * 3000, 10**400, 1e308, -1, True]
ODD += [float("nan"), float("inf"), None, "current", "1" * 32]
TEXT = st.sampled_from([MARKUP, "=1+1", "fine", "'-x", "\x07", None])
JUNK = st.recursive(
    st.sampled_from(ODD) | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["display", "do", MARKUP]), inner),
    max_leaves=5,
)
REASON = st.sampled_from([(None, []), ("other", ["other"]), ("other", ["other", "soft_tissue"])])
ANSWER = st.builds(
    lambda rating, reason, note, mark, more, submission: {"do": "answer", "trial": "current", "submission": submission}
    | {"rating": rating, "cue": reason[0], "cues": reason[1], "note": note, "active_ms": 900, "idle_ms": 0}
    | {"mark": mark, "mark_image": None if mark is None else 0, "more_marks": more if mark else []},
    st.integers(-2, 2), REASON, TEXT, st.sampled_from([None, [0.5, 0.5, 0, 0]]),
    st.sampled_from([[], [{"mark": [1e-9, 1, 0.25, 0.125], "mark_image": 1}]]), st.sampled_from("abcdefgh"),
)  # fmt: skip
OTHER = st.sampled_from(
    [{"do": name} for name in ("look", "agree", "undo", "pause", "resume")]
    + [{"do": "open", "location": place * 32} for place in "12"]
    + [{"do": "shown", "trial": "current", "facts": facts} for facts in (None, SIGHT)]
)
SPOILED = st.builds(
    lambda message, field, value: message | {field: value},
    ANSWER | OTHER,
    st.sampled_from(sorted({name for kind in MESSAGES for name in kind.__annotations__} | {"more"})),
    JUNK,
)
quick = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@pytest.fixture
def plan(run):
    return read_table(run.stage_folder("06_study_plan") / "plan.csv", PLAN)


def shown_to_the_owner(store, plan, folder):
    """Every table that the owner sees, as notebook and terminal show it; then what an export holds."""
    tables = [progress_by_reader(store, plan, rule) for rule in COUNT_READERS]
    tables += [answers_so_far(store, plan), sittings(store, plan), set_aside(store, plan)]
    for table in tables:
        assert "<img" not in as_html_table(table).to_html() and "\x07" not in in_lines(table)
    readings = export_readings(store, plan, folder)
    again = read_table(folder / "readings.csv", READINGS)
    assert again["cue_text"].fillna("").tolist() == readings["cue_text"].fillna("").tolist()
    assert ",=" not in (folder / "readings.csv").read_text()
    assert len(each_mark(again)) >= again["mark_x"].notna().sum()
    return readings


PLAIN = {"do": "answer", "trial": "current", "rating": 1, "cue": "other", "cues": ["other"], "mark": None}
PLAIN |= {"mark_image": None, "active_ms": 900, "idle_ms": 0}
READ = [{"do": "shown", "trial": "current", "facts": SIGHT}, PLAIN | {"submission": "a", "note": MARKUP}]
READ += [PLAIN | {"submission": "b", "note": "=1+1"}, PLAIN | {"submission": "c", "note": "half \ud83d"}]


@quick
@given(st.lists(ANSWER | OTHER | SPOILED | JUNK, min_size=5, max_size=25))
@example(READ)
def test_whatever_a_page_sends(run, plan, messages):
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        store, told = Store(Path(folder) / "readings.sqlite", plan), []
        desk, pictures = Desk(store, plan, "reader-1"), Pictures(run.stage_folder("06_study_plan"))
        room = Conversation(desk, pictures, ORIGINAL, lambda message, buffers=(): told.append(message))
        for message in [{"do": "agree"}, *messages]:
            if isinstance(message, dict) and message.get("trial") == "current" and room.desk.current:
                message = message | {"trial": room.desk.current.trial_id}
            before = len(told)
            room.receive(message)
            assert len(told) > before or (isinstance(message, dict) and message.get("do") == "shown"), "always told"
        assert not [message for message in told if message.get("text") == "trouble_other"], "nothing is unforeseen"
        assert sessions_of(store, plan)["reader-1"].answers == room.desk.answers
        readings = shown_to_the_owner(store, plan, Path(folder))
        assert set(readings.trial_id) == set(room.desk.answers) and set_aside(store, plan).empty
        assert len(readings) == room.desk.answered, "no answer is lost"
        store.dispose()


PAYLOAD = st.sampled_from(["", "{", "[]", "null", "7", '"x"', "{}, {}", '{"a": NaN}']) | JUNK.map(json.dumps)
PAYLOAD |= st.sampled_from([SIGHT | {"language": MARKUP}, SIGHT | {"language": "en"}, {"x": MARKUP}]).map(json.dumps)
PAYLOAD |= ANSWER.map(lambda answer: json.dumps({"rating": answer["rating"], "cue": "other", "cue_text": "\ud83d"}))
STORED = st.tuples(
    st.sampled_from([*KINDS, MARKUP]), st.integers(-1, 4), PAYLOAD, st.sampled_from(["2026-01-01T09:00:00Z", MARKUP])
)


@quick
@given(st.lists(STORED, min_size=4, max_size=12))
def test_whatever_stands_in_the_database(run, plan, stored):
    trials = plan.trial_id[plan.reader == "reader-1"].tolist()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None) as folder:
        store = Store(Path(folder) / "readings.sqlite", plan)
        Desk(store, plan, "reader-1").present()
        rows = [
            {
                "reader": "reader-1",
                "sequence": number,
                "kind": kind[:20],
                "trial_id": trials[trial] if trial >= 0 else None,
            }
            | {"submission_id": f"s{number}", "payload": payload, "at": at[:40]}
            for number, (kind, trial, payload, at) in enumerate(stored, start=2)
        ]
        with store.writing() as connection:
            for row in rows:
                connection.execute(EVENTS.insert().values(**row))
        shown_to_the_owner(store, plan, Path(folder))
        assert Desk(store, plan, "reader-1").seen == 1 + len(rows)
        store.dispose()
