"""What a sitting keeps through reloads, undo and changes of the page, and what of it is on record."""

import pytest

pytestmark = pytest.mark.browser


def begun(bench, **settings):
    made = bench(**settings)
    made.begin()
    return made


def chosen(bench) -> list[str]:
    return bench.page.locator(".rr-panel [aria-checked=true] span").all_text_contents()


def facts_of(events) -> list[dict]:
    return [event.payload for event in events if event.kind == "presented" and event.payload]


def test_an_answer_that_is_taken_back_comes_back_filled_in(bench):
    here = begun(bench)
    here.press("3", "Enter", "Enter")
    trial = here.room.desk.current
    here.press("w", "4", "b", "o")
    here.page.keyboard.type("the ribs")
    here.press("Enter", *["m", "ArrowUp", "Enter"] * 2, "Enter")
    before = here.room.desk.answers[trial.trial_id]
    assert before.swapped and here.room.desk.current != trial
    here.press("z")
    assert here.room.desk.current == trial and chosen(here) == ["Probably right", "Bone structure", "Other"]
    assert (
        here.page.locator(".rr-note").input_value() == "the ribs" and here.page.locator(".rr-mark:visible").count() == 2
    )
    here.press("Enter")
    again = here.room.desk.answers[trial.trial_id]
    given = ("rating", "cues", "cue_text", "mark", "mark_side", "more_marks", "swapped")
    assert [getattr(again, name) for name in given] == [getattr(before, name) for name in given]


def test_half_an_answer_with_its_note_survives_a_reload_and_leaving_it_is_asked_about(bench):
    here = begun(bench)
    asked = []
    here.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    here.reload()
    assert asked == [], "nothing has been chosen yet"
    here.press("4", "o")
    here.page.keyboard.type("edge of the heart")
    here.reload()
    assert asked == ["beforeunload"]
    assert chosen(here) == ["Probably right", "Other"]
    assert here.page.locator(".rr-note").input_value() == "edge of the heart"
    trial = here.room.desk.current.trial_id
    here.press("Enter")
    assert here.room.desk.answers[trial].cue_text == "edge of the heart"
    here.press("Enter")
    assert chosen(here) == [], "it was half of that answer only"


def test_a_reload_in_a_sitting_leads_back_to_the_case_and_another_display_to_the_check(bench, read_state):
    here = begun(bench)
    here.press("3", "Enter", "Enter")
    here.reload()
    assert here.screen == "case" and here.page.locator(".rr:focus").count() == 1
    assert here.page.locator(".rr").get_attribute("data-shown") == read_state()[0].current.trial_id
    assert len(facts_of(read_state()[1])) == 1, "nothing new is told of the same display"
    here.page.add_init_script("Object.defineProperty(screen, 'width', { get: () => 2560 })")
    here.reload()
    assert here.screen == "start"
    here.begin()
    assert [facts["display"]["screen"][0] for facts in facts_of(read_state()[1])][1:] == [2560]


KEEP_LISTS = """(() => {
    const ask = window.matchMedia.bind(window);
    window.lists = [];
    window.matchMedia = (query) => {
        const list = ask(query);
        if (query.includes("dppx")) lists.push(list);
        return list;
    };
})()"""
ANOTHER_RATIO = """() => {
    Object.defineProperty(window, "devicePixelRatio", { value: 2 });
    lists.splice(0).forEach((list) => list.dispatchEvent(new Event("change")));
    return lists.length;
}"""


def test_a_pixel_ratio_that_changes_alone_is_drawn_anew_and_told_with_the_next_case(bench, read_state):
    """The browser's own event is stood in for: without a window that is seen, it comes late or never."""
    here = bench()
    here.page.add_init_script(KEEP_LISTS)
    here.reload()
    here.begin()
    canvas = here.page.locator(".rr-pane canvas").first
    before = canvas.evaluate("canvas => canvas.width")
    assert here.page.evaluate(ANOTHER_RATIO) == 1, "the next change is waited for too"
    assert canvas.evaluate("canvas => canvas.width") == 2 * before
    here.press("3", "Enter", "Enter")
    told = facts_of(read_state()[1])
    assert [facts["display"]["device_pixel_ratio"] for facts in told] == [1, 2]
    assert told[0]["ramp"] == told[1]["ramp"]


@pytest.mark.parametrize(
    ("change", "words", "name"),
    [
        ("document.documentElement.dataset.darkreaderMode = 'dynamic'", "changes the colours", "colours"),
        ("document.body.style.filter = 'invert(1)'", "changes the colours", "colours"),
        ("document.documentElement.classList.add('translated-ltr')", "has been translated", "text"),
    ],
)
def test_a_page_that_others_change_is_warned_of_without_a_jump_and_on_record(bench, read_state, change, words, name):
    here = begun(bench)
    place = here.page.locator(".rr-pane").first.bounding_box()
    here.page.evaluate(change)
    here.carry()
    warning = here.page.locator(".rr-warning")
    assert words in warning.text_content() and here.page.locator(".rr-pane").first.bounding_box() == place
    here.page.get_by_role("button", name="I have read this").click()
    assert warning.is_hidden()
    here.press("3", "Enter", "Enter")
    assert warning.is_hidden(), "said once"
    assert [facts["display"]["altered"] for facts in facts_of(read_state()[1])] == [[], [name]]


def test_the_room_asks_not_to_be_translated(bench):
    room = bench().page.locator(".rr")
    assert room.get_attribute("translate") == "no" and "notranslate" in room.get_attribute("class")


def test_trouble_is_told_without_moving_the_images(bench):
    here = begun(bench)
    place = here.page.locator(".rr-pane").first.bounding_box()
    here.page.evaluate("window.say({ is: 'trouble', text: 'trouble_save' }, [])")
    assert here.page.get_by_role("alert").filter(has_text="not saved yet").is_visible()
    assert here.page.locator(".rr-pane").first.bounding_box() == place


def test_a_break_is_offered_by_time_too(bench, monkeypatch):
    monkeypatch.setattr("helpers.reading.conversation.TOLERANCE_MS", 1e9)  # the server's clock is not turned forward
    here = bench(break_every=1000)
    here.page.clock.install()
    here.reload()
    here.begin()
    here.press("3", "Enter", "Enter", "3", "Enter")
    assert here.screen == "case"

    def read_for(minutes):
        for minute in range(minutes):
            here.page.clock.run_for(58_000)  # a whole minute without a sign would be idle
            here.page.mouse.move(300 + minute, 300)

    read_for(16)
    here.press("3", "Enter")
    assert here.screen == "case", "not yet: less than twenty minutes"
    read_for(6)
    here.press("3", "Enter")
    assert here.screen == "break"
    here.press("Enter", "3", "Enter")
    assert here.screen == "case", "it counts anew"


def test_images_that_are_waited_for_are_announced(bench, monkeypatch):
    here = begun(bench)
    here.press("3", "Enter", "Enter")
    here.page.keyboard.press("3")
    here.page.keyboard.press("Enter")
    here.page.wait_for_function("document.querySelector('.rr-hint').textContent === 'Saving…'")
    monkeypatch.setattr(here.room, "_send_next", lambda: None)  # the case after this one does not come ahead
    here.carry()
    here.page.keyboard.press("3")
    here.page.keyboard.press("Enter")
    here.page.wait_for_function("document.querySelector('.rr-hint').textContent.includes('images are still loading')")
    here.carry()
    assert here.screen == "case" and here.hint() == ""
