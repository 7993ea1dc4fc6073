"""A person reads on the page that ``make read`` serves; reloads and restarts of the server do not disturb."""

import re
import socket

import psutil
import pytest

from helpers.reading.room import open_study
from helpers.runs import PROJECT
from helpers.study.accounts import Account, add_account

pytestmark = pytest.mark.browser


@pytest.fixture
def room(run, serve):
    """The address of the reading room of guest."""
    return serve("helpers.reading", "--run=tiny", "--reader=guest", "--break-every=15", folder=PROJECT, ready="/door")


def by_keyboard(page) -> None:
    """One step with nothing but keys: whatever the screen asks, then Enter."""
    screen = page.locator(".rr").get_attribute("data-screen")
    first = {"consent": ["1"], "ramp": ["1", "3"], "case": ["2", "s"]}.get(screen, [])
    for key in [*first, "Enter"]:
        page.keyboard.press(key)


def by_mouse(page) -> None:
    """One step with nothing but clicks."""
    screen, button = page.locator(".rr").get_attribute("data-screen"), page.get_by_role
    if screen == "consent":
        button("checkbox", name="agree to take part").click()
    if screen == "ramp":
        for choice in button("radio", name="I see it").all():
            choice.click()
    if screen != "case":
        return page.locator(".rr-primary").click()
    if not page.locator(".rr-told").count():
        page.locator(".rr-scale").get_by_role("radio", name="Probably").first.click()
        if page.get_by_text("Soft tissue").is_visible():
            button("checkbox", name="Soft tissue").click()
    page.locator(".rr-panel .rr-submit").click()


STATE = """() => {
    const room = document.querySelector('.rr');
    const { screen, shown } = room.dataset;
    if (room.classList.contains('rr-busy') || room.querySelector('.rr-submit[aria-disabled=true]')) return null;
    if (screen === 'case' && !shown) return null;
    return [screen, shown, Boolean(room.querySelector('.rr-told'))].join();
}"""


@pytest.mark.parametrize("step", [by_keyboard, by_mouse])
def test_a_whole_session_from_consent_to_thanks(page, room, read_state, step):
    page.goto(room)
    page.locator(".rr[data-screen=consent]").wait_for()
    screens = []
    while not (state := page.wait_for_function(STATE).json_value()).startswith("end"):
        screens.append(state.split(",")[0])
        step(page)
        page.wait_for_function(f"before => ![null, before].includes(({STATE})())", arg=state)
    assert list(dict.fromkeys(screens)) == ["consent", "start", "ramp", "case", "break", "part"]
    session, events = read_state()
    kinds = [event.kind for event in events]
    assert session.is_finished and kinds.count("answered") == kinds.count("presented") == session.total
    assert all(answer.rating == -1 and answer.active_ms > 0 for answer in session.answers.values())
    assert {answer.cue for answer in session.answers.values()} == {"soft_tissue", None}


def test_a_new_page_goes_on_at_the_same_case(page, room, begin, read_state, turning):
    page.goto(room)
    begin(page)
    with turning(page):
        page.keyboard.press("3")
        page.keyboard.press("Enter")
    page.reload()
    page.locator(".rr[data-screen=case][data-shown]").wait_for()  # the sitting goes on: nothing is explained again
    assert page.locator(".rr").get_attribute("data-shown") == read_state()[0].current.trial_id
    assert [event.kind for event in read_state()[1]].count("answered") == 1


def test_readers_come_in_by_their_codes_and_see_nothing_before(page, run, serve, begin, read_state, turning):
    plan, store = open_study("tiny")
    code = add_account(store, plan, Account("reader-1"))
    door = serve("helpers.reading", "--run=tiny", folder=PROJECT, ready="/door")
    frames = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(bytes_of(frame))))
    page.goto(door)
    field = page.locator("input[type=password]")
    field.fill("AAAA-BBBB-CCCC-DDDD")
    field.press("Enter")
    page.get_by_text("This access code is not recognised").wait_for()
    assert page.locator(".rr").count() == 0
    field.fill(code)
    field.press("Enter")
    begin(page)
    assert page.locator(".rr").get_attribute("data-shown") == read_state("reader-1")[0].current.trial_id
    with turning(page):
        page.keyboard.press("3")
        page.keyboard.press("Enter")
    assert read_state("reader-1")[0].answered == 1 and read_state("guest")[1] == []
    said = b"".join(frames)
    columns = (plan.images.str.split("|").explode(), plan.case)
    secrets = {secret for column in columns for secret in column.dropna()} | {"display/", "gan", "diffusion"}
    assert not [secret for secret in secrets if re.search(rb"\b" + re.escape(secret.encode()), said)]


def bytes_of(frame) -> bytes:
    return frame if isinstance(frame, bytes) else frame.encode()


def test_a_server_that_comes_back_goes_unnoticed(page, run, serve, begin, read_state, turning):
    """Nobody types a code again, what has been chosen stays, and an answer that was on its way is saved once."""
    plan, store = open_study("tiny")
    code, place = add_account(store, plan, Account("reader-1")), free_port()
    room = {"folder": PROJECT, "ready": "/door", "port": place}
    page.goto(serve("helpers.reading", "--run=tiny", **room))
    page.locator("input[type=password]").fill(code)
    page.keyboard.press("Enter")
    begin(page)
    with turning(page):
        page.keyboard.press("3")
        page.keyboard.press("Enter")
    page.keyboard.press("4")
    shown = page.locator(".rr").get_attribute("data-shown")
    server_at(place).kill()
    page.wait_for_timeout(300)
    page.keyboard.press("s")  # the reason, while nobody is there
    with turning(page):
        page.keyboard.press("Enter")
        serve("helpers.reading", "--run=tiny", **room)
    session, events = read_state("reader-1")
    assert session.answers[shown].rating == 1 and session.answers[shown].cue == "soft_tissue"
    assert [event.kind for event in events].count("answered") == session.answered == 2
    assert page.locator(".rr").get_attribute("data-shown") == session.current.trial_id


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def server_at(port: int) -> psutil.Process:
    """The process that serves at a port."""
    option = f"--port={port}"
    return next(process for process in psutil.process_iter(["cmdline"]) if option in (process.info["cmdline"] or ()))
