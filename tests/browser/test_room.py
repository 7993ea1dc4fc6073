"""The whole room with its real widget: from consent to thanks, and everything that may happen between."""

import hashlib

import pytest

from helpers.errors import StoreError
from helpers.study.accounts import Account, account_of, add_account, renew_code
from helpers.study.settings import GUEST
from helpers.study.store import Store
from helpers.tables import PLAN, read_table, write_table

pytestmark = pytest.mark.browser


def answers(messages):
    return [message for message in messages if message["do"] == "answer"]


def told_of(bench):
    return [trial.trial_id for trial in bench.room.desk.trials if bench.room.desk.feedback(trial.trial_id)]


def test_nothing_is_read_before_consent_instructions_and_the_ramp_and_all_are_on_record(bench, read_state):
    bench = bench(viewport=(1300, 800), dots=1.5)
    assert bench.screen == "consent"
    bench.press("Enter")
    assert bench.screen == "consent", "Enter alone is no consent"
    bench.press("1", "Enter")
    assert bench.screen == "start"
    bench.press("Enter", "1", "Enter")
    assert bench.screen == "ramp", "both squares are asked for, and nothing is chosen beforehand"
    assert "neither measure nor certify" in bench.page.locator(".rr-page").text_content()
    digest = hashlib.sha256("\n\n".join(bench.room.texts["consent"]).encode()).hexdigest()
    assert [(event.kind, event.payload) for event in read_state()[1]] == [("agreed", {"sha256": digest})]
    bench.press("4", "Enter")
    assert bench.screen == "case"
    bench.press("3", "Enter", "Enter")
    facts, later = [event.payload for event in read_state()[1] if event.kind == "presented"]
    assert facts["ramp"] == {"dark": True, "bright": False} and facts["language"] == "en"
    assert facts["display"]["window"] == [1300, 800] and facts["display"]["device_pixel_ratio"] == 1.5
    assert facts["display"]["colour_depth"] >= 24 and later == {}


def test_the_ramp_shows_eleven_steps_and_the_squares_of_5_and_95_percent(bench):
    bench = bench()
    bench.press("1", "Enter", "Enter")
    gray = "(canvas, [x, y]) => canvas.getContext('2d').getImageData(x * canvas.width, y * canvas.height, 1, 1).data[0]"
    ramp = bench.page.locator("canvas.rr-ramp")
    steps = [ramp.evaluate(gray, [(i + 0.5) / 11, 0.8]) for i in range(11)]
    assert steps == [0, 26, 51, 77, 102, 128, 153, 179, 204, 230, 255]
    assert [ramp.evaluate(gray, [x, 0.34]) for x in (0.12, 0.27, 0.58, 0.73)] == [0, 13, 255, 242]


def test_practice_is_explained_breaks_are_offered_and_parts_announced_until_the_thanks(bench, run, read_state):
    bench = bench(break_every=10)
    bench.begin()
    seen, offers = [], 0
    while bench.screen != "end":
        seen.append(bench.screen)
        if bench.screen == "told":
            told = bench.page.locator(".rr-question").text_content()
            assert told.startswith("You left it undecided. ") and bench.press("3", "z") and bench.screen == "case"
            bench.press("3", "Enter")
            assert bench.screen == "told"
        if bench.screen == "break":
            offers += 1
            assert f"{bench.room.desk.answered} of 46 cases" in bench.page.locator(".rr-progress").text_content()
            if offers == 1:
                bench.press("p")
                assert bench.screen == "break" and bench.room.desk.is_paused
        bench.press(*(("3", "Enter") if bench.screen == "case" else ("Enter",)))
    assert offers == 4 and seen.count("told") == 2 and seen.count("part") == 1
    session, events = read_state()
    kinds = [event.kind for event in events]
    assert session.is_finished and (kinds.count("paused"), kinds.count("resumed")) == (1, 1)
    assert all(trial.is_practice == (trial.trial_id in told_of(bench)) for trial in session.trials)


def test_a_break_within_a_case_keeps_what_was_chosen_and_is_no_active_time(bench):
    bench = bench()
    bench.begin()
    bench.press("4", "s", "p")
    assert bench.screen == "break" and bench.room.desk.is_paused
    assert bench.page.locator(".rr-pane").first.is_hidden(), "a case is not read during a break"
    bench.page.wait_for_timeout(120)
    bench.press("Enter")
    assert bench.screen == "case" and not bench.room.desk.is_paused
    (answer,) = answers(bench.press("Enter"))
    assert answer["rating"] == 1 and answer["cue"] == "soft_tissue" and answer["idle_ms"] >= 120


def test_an_answer_is_asked_for_in_full_and_kept_as_given(bench):
    bench = bench()
    bench.begin()
    chosen = bench.page.locator(".rr-panel [aria-checked=true]")
    assert chosen.count() == 0 and bench.page.get_by_text("Soft tissue").is_hidden()
    assert answers(bench.press("Enter")) == [] and "Choose an answer first" in bench.hint()
    assert answers(bench.press("5", "Enter")) == [] and "Choose the main reason first" in bench.hint()
    bench.press("b", "a", "a", "o")
    bench.page.keyboard.type("1 z s Ñ")  # in the note: no key answers, undoes or gives a reason
    bench.page.keyboard.press("Enter")
    trial = bench.room.desk.current.trial_id
    assert len(answers(bench.press("Enter"))) == 1
    kept = bench.room.desk.answers[trial]
    assert (kept.rating, kept.cues) == (2, ("image_artefacts", "bone_structure", "other"))
    assert kept.cue_text == "1 z s Ñ" and kept.mark is None


def test_a_single_image_is_called_real_or_synthetic_with_reasons_and_a_mark_without_side(bench, run):
    file = run.stage_folder("06_study_plan") / "plan.csv"
    plan = read_table(file, PLAN)
    singles = plan[plan.task == "conditionality"].assign(task="realism_single")
    write_table(singles.assign(position=singles.groupby("reader").cumcount() + 1), file, PLAN)
    bench = bench()
    bench.begin()
    assert bench.page.get_by_role("heading", name="Is this image real or synthetic?").is_visible()
    assert bench.page.locator(".rr-pane").count() == 1
    bench.press("5", "s", "m")
    box = bench.page.locator(".rr-pane").bounding_box()
    bench.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    (answer,) = answers(bench.press("Enter"))
    assert (answer["rating"], answer["cue"], answer["mark_image"]) == (2, "soft_tissue", 0)
    assert answer["mark"] == pytest.approx([0.5, 0.5, 0, 0], abs=0.005)
    kept = bench.room.desk.answers[answer["trial"]]
    assert kept.mark_side is None and bench.screen == "told"


def test_one_of_four_images_is_chosen_by_its_number_and_marked_on_any_of_them(bench, run):
    file = run.stage_folder("06_study_plan") / "plan.csv"
    pairs = read_table(file, PLAN).query("task == 'realism_pair'")
    four = pairs.images + "|" + pairs.images.groupby(pairs.reader).shift(-1)
    choices = pairs.assign(images=four, task="realism_choice_4", side="3").dropna(subset="images")
    write_table(choices.assign(position=choices.groupby("reader").cumcount() + 1), file, PLAN)
    bench = bench()
    bench.begin()
    assert bench.page.locator(".rr-side").all_text_contents() == [f"Image {number}" for number in range(1, 5)]
    assert bench.page.locator(".rr-scale button").count() == 4
    bench.press("5", "Enter")
    assert "keys 1 to 4" in bench.hint(), "there is no fifth answer"
    bench.press(
        "3", "a", "m", "ArrowUp", *["ArrowDown"] * 27, *["ArrowRight"] * 27, "Enter"
    )  # to the fourth, two by two
    (answer,) = answers(bench.press("Enter"))
    kept = bench.room.desk.answers[answer["trial"]]
    assert (kept.rating, kept.cue, kept.mark_side) == (3, "image_artefacts", "4")
    assert bench.screen == "told" and "Image 3 is synthetic." in bench.page.locator(".rr-question").text_content()
    assert bench.page.locator(".rr-flag").text_content() == "Image 3 – synthetic"


def test_enter_pressed_twice_does_not_skip_the_feedback(bench):
    bench = bench()
    bench.begin()
    bench.press("3", "Enter")
    for _ in range(3):
        bench.page.keyboard.press("Enter")
    bench.carry()
    assert bench.screen == "told"
    bench.press("Enter")
    assert bench.screen == "case" and bench.room.desk.answered == 1


def test_a_double_submit_is_one_record_and_only_the_last_answer_is_taken_back(bench, read_state):
    bench = bench()
    bench.begin()
    bench.press("3", "Enter", "Enter")
    first, second = [trial.trial_id for trial in bench.room.desk.trials[:2]]
    bench.page.keyboard.press("3")
    for _ in range(3):
        bench.page.keyboard.press("Enter")
    bench.page.get_by_role("button", name="Submit").dblclick(force=True)
    bench.carry()
    assert [event.trial_id for event in read_state()[1] if event.kind == "answered"] == [first, second]
    bench.press("z")
    assert bench.room.desk.current.trial_id == second
    bench.press("z")
    assert bench.room.desk.current.trial_id == second and bench.page.get_by_role("button", name="Undo").is_disabled()


def test_an_answer_that_could_not_be_saved_is_sent_again(bench, monkeypatch):
    bench = bench()
    bench.begin()
    trial = bench.room.desk.current.trial_id
    with monkeypatch.context() as broken:
        broken.setattr(Store, "extend", lambda *_, **__: (_ for _ in ()).throw(StoreError("locked")))
        first = answers(bench.press("3", "Enter"))
    assert bench.page.get_by_role("alert").is_visible() and bench.room.desk.answered == 0
    bench.page.get_by_role("button", name="Try again").click()
    again = answers(bench.carry())
    assert first[0]["submission"] == again[0]["submission"] and list(bench.room.desk.answers) == [trial]


def test_an_answer_that_is_refused_stays_on_the_screen_and_can_be_sent_again(bench, monkeypatch):
    bench = bench()
    bench.begin()
    keep, submit = bench.room.receive, ("4", "s", "Enter")
    monkeypatch.setattr(bench.room, "receive", lambda said: keep(said | {"rating": 7}))
    bench.press(*submit)
    assert "could not be accepted" in bench.hint() and "another window" not in bench.hint()
    assert bench.room.desk.answered == 0 and bench.screen == "case"
    assert bench.page.locator(".rr-panel [aria-checked=true]").count() == 2, "what was chosen is still there"
    monkeypatch.undo()
    bench.press("Enter")
    assert bench.room.desk.answered == 1


def test_a_text_that_was_amended_is_shown_again_and_what_was_chosen_stays(bench, run, read_state):
    here = bench()
    here.begin()
    here.room.consent_sha256 = "0" * 64  # as when the text in force is another one
    here.press("4", "s", "Enter")
    assert here.screen == "consent" and here.room.desk.answered == 0
    here.press("1", "Enter")
    assert here.screen == "case" and here.page.locator(".rr-panel [aria-checked=true]").count() == 2
    here.press("Enter")
    assert here.room.desk.answered == 1
    later = bench()
    assert later.screen == "consent", "this room's text is not the one agreed to last"


def test_times_that_cannot_be_are_told_and_counted_anew(bench, monkeypatch):
    bench = bench()
    bench.begin()
    monkeypatch.setattr("helpers.reading.conversation.TOLERANCE_MS", -1e9)
    bench.press("3", "Enter")
    assert "counted again" in bench.hint() and bench.room.desk.answered == 0
    monkeypatch.undo()
    (answer,) = answers(bench.press("Enter"))
    assert bench.room.desk.answered == 1 and answer["active_ms"] < 60_000


def test_a_sitting_that_a_new_code_has_ended_says_so_and_takes_nothing_more(bench, run):
    plan = read_table(run.stage_folder("06_study_plan") / "plan.csv", PLAN)
    store, here = Store(run.database, plan), bench()
    here.room.desk.key = account_of(store, add_account(store, plan, Account(GUEST))).key
    here.begin()
    renew_code(store, GUEST)
    here.press("3", "Enter")
    assert here.page.get_by_role("heading", name="This sitting has ended").is_visible()
    assert here.room.desk.answered == 0 and here.press("Enter") == []


def test_half_a_character_is_taken_out_of_a_note(bench):
    bench = bench()
    bench.begin()
    bench.press("4", "s")
    bench.page.locator(".rr-note").evaluate("note => { note.value = 'edge \\ud83d' }")
    (answer,) = answers(bench.press("Enter"))
    assert answer["note"] == "edge" and bench.room.desk.answered == 1


def test_the_older_of_two_tabs_is_told_and_goes_on_only_when_asked(bench, read_state):
    older = bench()
    older.begin()
    newer = bench(context=older.page.context)
    older.carry()
    assert older.screen == "elsewhere"
    newer.begin()
    newer.press("3", "Enter", "Enter", "3", "Enter")
    assert answers(older.press("3", "z")) == []
    older.press("Enter")
    newer.carry()
    assert older.screen == "case" and newer.screen == "elsewhere"
    session, events = read_state()
    assert older.page.locator(".rr").get_attribute("data-shown") == session.current.trial_id
    assert session.answered == 2 == [event.kind for event in events].count("answered")


def test_a_tab_on_another_computer_learns_it_when_it_is_looked_at_again(bench):
    here, elsewhere = bench(), bench()
    here.begin()
    elsewhere.begin()
    elsewhere.press("3", "Enter")
    here.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    here.carry()
    assert here.page.locator(".rr").get_attribute("data-shown") == here.room.desk.trials[1].trial_id
    assert "continued in another window" in here.hint()


@pytest.mark.parametrize(
    ("viewport", "words"),
    [((390, 844), "screen of a phone"), ((844, 390), "screen of a phone"), ((740, 700), "760 × 480")],
)
def test_phones_and_small_windows_are_refused_kindly_until_there_is_room(bench, viewport, words):
    bench = bench(viewport=viewport)
    refusal = bench.page.locator(".rr-small")
    assert refusal.is_visible() and words in refusal.text_content()
    bench.press("1", "Enter")
    assert bench.screen == "consent"
    bench.page.set_viewport_size({"width": 1200, "height": 800})
    bench.carry()
    assert refusal.is_hidden()


def test_the_room_is_dark_until_light_is_asked_for(bench):
    bench = bench()
    bench.begin()
    ground = "room => getComputedStyle(room).backgroundColor.match(/\\d+/g).map(Number)"
    room = bench.page.locator(".rr")
    assert max(room.evaluate(ground)) < 30
    bench.press("l")
    assert min(room.evaluate(ground)) > 200
    assert bench.page.locator("[data-tool=light]").get_attribute("aria-pressed") == "true"
    surround = bench.page.locator(".rr-pane").first.evaluate(ground)
    assert surround == [0, 0, 0], "images have a dark surround in both modes"


def test_the_room_speaks_spanish_with_keys_of_its_own(bench):
    bench = bench(language="es")
    assert bench.page.get_by_role("heading", name="Participación en el estudio").is_visible()
    bench.begin()
    assert bench.page.get_by_role("heading", name="¿Qué imagen es sintética?").is_visible()
    (answer,) = answers(bench.press("2", "h", "Enter"))
    assert (answer["rating"], answer["cue"]) == (-1, "bone_structure")
    assert bench.page.locator(".rr").get_attribute("lang") == "es"


def test_everything_that_can_be_pressed_has_a_name_and_the_layout_does_not_jump(bench):
    bench = bench()
    bench.begin()
    place = bench.page.locator(".rr-pane").first.bounding_box()
    for keys in (["4"], ["s"], ["b"], ["m"], ["Escape"], ["3"]):
        bench.press(*keys)
        assert bench.page.locator(".rr-pane").first.bounding_box() == place
    names = bench.page.locator(".rr button").evaluate_all("all => all.map((b) => b.ariaLabel ?? b.textContent.trim())")
    bench.press("Tab", "Tab")
    focused = bench.page.locator(":focus")
    assert focused.count() == 1 and focused.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"
    bench.page.locator(".rr").focus()
    assert all(names) and bench.page.locator(".rr-pane canvas[aria-label]").count() == 2
    bench.press("Enter")
    assert bench.screen == "told" and bench.page.locator(".rr-pane").first.bounding_box() == place


def test_the_next_case_is_there_before_it_is_needed(bench):
    bench = bench(GUEST)
    bench.begin()
    sent = bench.room._sent
    assert list(sent) == [trial.trial_id for trial in bench.room.desk.trials[:2]]
