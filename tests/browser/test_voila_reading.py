"""A person reads on the page that ``make read`` serves: no code, no files, and a reload goes on."""

import re
import urllib.error
import urllib.request

import pytest

from helpers.reading.room import open_study
from helpers.runs import PROJECT
from helpers.study.accounts import Account, add_account

pytestmark = pytest.mark.browser


@pytest.fixture
def room(run, serve):
    """The address of the reading room of guest."""
    return serve("helpers.reading", "--run=tiny", "--reader=guest", folder=PROJECT, ready="/voila/static/")


def test_reading_by_mouse_and_going_on_in_a_new_page(page, room, read_state, turning, tmp_path):
    page.goto(room)
    with turning(page):
        page.get_by_role("button", name="Start reading").click()
    page.get_by_role("button", name="Submit").click()
    assert page.get_by_text("Choose an answer first").is_visible()
    page.get_by_role("radio", name="Probably left").click()
    page.get_by_role("button", name="Submit").click()
    assert page.get_by_text("Choose the main reason first").is_visible()
    with turning(page):
        page.get_by_role("radio", name="Soft tissue").click()
        page.get_by_role("button", name="Submit").click()
    assert [(a.rating, a.cue) for a in read_state()[0].answers.values()] == [(-1, "soft_tissue")]

    page.reload()
    page.get_by_text("1 of 46 cases answered so far").wait_for()
    with turning(page):
        page.get_by_role("button", name="Go on reading").click()
    assert page.locator(".rr").get_attribute("data-shown") == read_state()[0].current.trial_id


def test_readers_come_in_by_their_codes_and_see_nothing_before(page, run, serve, read_state, turning):
    plan, store = open_study("tiny")
    code = add_account(store, plan, Account("reader-1"))
    door = serve("helpers.reading", "--run=tiny", folder=PROJECT, ready="/voila/static/")
    frames = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: frames.append(bytes_of(frame))))
    page.goto(door)
    field = page.locator("input[type=password]")
    field.fill("AAAA-BBBB-CCCC-DDDD")
    field.press("Enter")
    page.get_by_text("This access code is not known").wait_for()
    assert page.locator(".rr").count() == 0
    field.fill(code)
    field.press("Enter")
    with turning(page):
        page.get_by_role("button", name="Start reading").click()
    assert page.locator(".rr").get_attribute("data-shown") == read_state("reader-1")[0].current.trial_id
    page.keyboard.press("3")
    with turning(page):
        page.keyboard.press("Enter")
    assert read_state("reader-1")[0].answered == 1 and read_state("guest")[1] == []
    said = b"".join(frames)
    columns = (plan.left_image, plan.right_image, plan.image, plan.case)
    secrets = {secret for column in columns for secret in column.dropna()} | {"display/", "gan", "diffusion"}
    assert not [secret for secret in secrets if re.search(rb"\b" + re.escape(secret.encode()), said)]


def bytes_of(frame) -> bytes:
    return frame if isinstance(frame, bytes) else frame.encode()


def test_zoom_and_window_are_linked_and_reset(page, room, turning):
    page.goto(room)
    with turning(page):
        page.get_by_role("button", name="Start reading").click()
    corner = page.locator(".rr-corner")
    untouched = corner.text_content()
    pictures = [page.locator(".rr-pane canvas").nth(pane) for pane in (0, 1)]
    before = [picture.screenshot() for picture in pictures]
    page.mouse.move(300, 300)
    page.mouse.wheel(0, -400)
    page.mouse.down()
    page.mouse.move(380, 260, steps=4)
    page.mouse.up()
    page.wait_for_timeout(100)
    assert corner.text_content() != untouched and "W 335  L 88" in corner.text_content()
    assert all(picture.screenshot() != old for picture, old in zip(pictures, before, strict=True))
    page.mouse.dblclick(300, 300)
    page.wait_for_timeout(100)
    assert corner.text_content() == untouched
    assert [picture.screenshot() for picture in pictures] == before


def test_the_page_serves_no_code_and_no_files(page, room, run):
    page.goto(room)
    page.locator(".rr[data-screen=start]").wait_for()
    assert "open_room" not in page.content()
    for path in ("voila/files/widget.py", "voila/files/strings.json", "api/contents", "files/room.ipynb", "tree"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(f"{room}/{path}")
        assert refused.value.code in (403, 404)
