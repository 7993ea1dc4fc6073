import numpy as np
import pytest
from made_up_run import make_run

from helpers.explore.case_view import CaseView, thumbnail
from helpers.explore.material import Material
from helpers.reading.room import open_room
from helpers.tables import BESIDE


@pytest.fixture
def view(material):
    return CaseView(material)


def test_opening_sends_filters_rows_the_first_case_and_what_is_known_of_it(view, listen):
    sent = listen(view)
    view.do_open({})
    view.do_more({"index": 0})
    setup, selection, more = (message for message, _ in sent)
    assert [message["is"] for message in (setup, selection, more)] == ["setup", "selection", "more"]
    rows, case = selection["rows"], selection["case"]
    assert setup["simulated"] and not setup["lacks"] and not setup["state"]
    assert {name for name, _, _ in setup["filters"]} >= {"task", "source", "finding", "state", "reader", "answer"}
    assert rows["total"] == len(view.table.rows) == 264
    images = sent[1][1]
    assert len(images) == len(case["names"]) and {len(pixels) for pixels in images} == {32 * 32}
    assert len(more["facts"]) == len(images) and len(more["answers"]) == 3


def test_no_trait_holds_readings_or_pixels(view):
    state = view.get_state()
    assert {name for name in state if not name.startswith("_")} <= {"layout", "tooltip", "tabbable"}


def test_a_filter_sends_its_rows_and_keeps_the_answer_that_is_looked_at(view, listen):
    view.do_choose({"index": 40})
    before = view.row["trial_id"]
    sent = listen(view)
    view.do_filter({"chosen": {"reader": [view.row["reader"]]}})
    assert view.row["trial_id"] == before and sent[0][0]["rows"]["total"] == 88


def test_an_answer_far_down_the_table_does_not_stay_chosen(view, listen, monkeypatch):
    view.do_choose({"index": 60})
    sent = listen(view)
    view.do_filter({"chosen": {}})
    assert view.index == 60 and len(sent[0][0]["rows"]["lines"]) == 75
    monkeypatch.setattr("helpers.explore.case_view.FAR", 25)
    view.do_filter({"chosen": {}})
    assert view.index == 0 and len(sent[1][0]["rows"]["lines"]) == 25


def test_sorting_changes_the_order_alone(view, listen):
    sent = listen(view)
    view.do_sort({"by": "seconds", "falls": True})
    column = view.table.columns.index("seconds")
    seconds = [float(line[column]) for line in sent[0][0]["rows"]["lines"]]
    assert seconds == sorted(seconds, reverse=True) and sent[0][0]["rows"]["total"] == 264


def test_every_readers_answer_stands_beside_a_case_with_marks_on_the_same_image(view, listen):
    rows = view.table.rows
    marked = rows[rows["mark_x"].notna()].iloc[0]
    view.shown = np.flatnonzero(rows["trial_id"] == marked["trial_id"])
    sent = listen(view)
    view.do_more({"index": 0})
    answers = sent[0][0]["answers"]
    assert answers[0]["reader"] == marked["reader"] and len(answers) == 3
    assert answers[0]["note"] == "a fuzzy edge"
    assert [mark["place"] for mark in answers[0]["marks"]] == [[0.25, 0.5, 0.2, 0.1], [0.75, 0.25, 0.0, 0.0]]
    shown = marked["images"].split(BESIDE)
    for answer in answers:
        own = rows[(rows["case"] == marked["case"]) & (rows["task"] == marked["task"])]
        own = own[own["reader"] == answer["reader"]].iloc[0]
        assert answer["swapped"] == (own["images"] != marked["images"])
        for mark in answer["marks"]:  # always on the left image of its own reader
            assert shown[mark["image"]] == own["images"].split(BESIDE)[0]


def test_answers_and_facts_of_a_case_that_is_on_the_screen_no_longer_are_not_sent(view, listen):
    view.do_choose({"index": 2})
    sent = listen(view)
    view.do_more({"index": 1})
    assert sent == []


def test_what_passes_no_filter_is_said(view, listen):
    sent = listen(view)
    view.show({"reader": ["nobody"]})
    view.do_more({"index": 0})
    case, more = sent[-2][0]["case"], sent[-1][0]
    assert case["title"] == "No answer passes these filters."
    assert more["answers"] == more["facts"] == []


def test_images_of_a_lasso_stay_until_all_are_shown(view, listen):
    image = view.row["images"].split(BESIDE)[0]
    view.show({"image": [image]}, "from the atlas")
    sent = listen(view)
    view.do_filter({"chosen": {"image": 1, "reader": ["reader-1"]}})
    assert view.chosen == {"reader": ["reader-1"], "image": [image]} and sent[0][0]["rows"]["total"] >= 1
    assert sent[0][0]["rows"]["title"] == "from the atlas"
    view.do_filter({"chosen": {}})
    assert view.chosen == {} and sent[1][0]["rows"]["title"] == ""


def test_a_missing_image_is_named_and_the_answers_stay(workspace, listen):
    run = make_run()
    for file in (run.stage_folder("06_study_plan") / "display").iterdir():
        file.unlink()
    view = CaseView(Material("tiny"))
    sent = listen(view)
    view.do_open({})
    view.do_more({"index": 0})
    case, more = sent[-2][0]["case"], sent[-1][0]
    assert "cannot be read" in case["trouble"] and len(more["answers"]) == 3


def test_while_people_read_no_message_tells_truth(workspace, listen):
    make_run()
    room = open_room("tiny", "reader-1").conversation
    room.desk.agree(room.consent_sha256)
    (Material("tiny").run.manifest("07_reading")).unlink()
    view = CaseView(Material("tiny"))
    sent = listen(view)
    view.do_open({})
    view.do_more({"index": 0})
    assert sent[0][0]["state"].startswith("Reading is still open")
    told = str([message for message, _ in sent]).lower()
    for word in ("diffusion", "gan", "'real'", "phantom-", "'right': 'right'", "wrong", " present", " absent"):
        assert word not in told.replace("right image", "").replace(view.material.state.lower(), "")


def test_a_thumbnail_is_the_mean_of_blocks():
    image = np.kron(np.array([[0, 100], [200, 50]], dtype=np.uint8), np.ones((96, 96), dtype=np.uint8))
    small = thumbnail(image)
    assert small.shape == (96, 96) and small[0, 0] == 0 and small[0, 95] == 100 and small.dtype == np.uint8
