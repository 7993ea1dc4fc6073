"""A reader's page behind a real nginx with TLS: a line that is cut, and a page that outlives its ticket."""

from urllib.parse import urlsplit

import pytest
from behind_nginx import NAME, Nginx

from helpers.reading.room import open_study
from helpers.runs import PROJECT
from helpers.study.accounts import Account, add_account

pytestmark = pytest.mark.browser


@pytest.fixture
def code(run) -> str:
    plan, store = open_study("tiny")
    return add_account(store, plan, Account("reader-1", language="es"))


@pytest.fixture
def nginx(serve, code, tmp_path):
    """An nginx before ``python -m helpers.reading``, as ``docs/hosting.md`` starts it."""
    options = ["--run=tiny", "--behind-proxy", "--prefix=/reading", f"--origin=https://{NAME}"]
    address = serve("helpers.reading", *options, folder=PROJECT, ready="/reading/door")
    with Nginx(tmp_path, urlsplit(address).netloc) as nginx:
        yield nginx


@pytest.fixture
def page(nginx, launch, tmp_path):
    """A page of a browser for which the study's name leads to the proxy."""
    browser = launch(f"--host-resolver-rules=MAP {NAME}:443 127.0.0.1:{nginx.port}")
    page = browser.new_page(viewport={"width": 1400, "height": 900}, ignore_https_errors=True)
    page.set_default_timeout(90_000)
    yield page
    page.screenshot(path=tmp_path / "last.png")
    browser.close()


def enter(page, code: str) -> None:
    page.locator("input[type=password]").fill(code)
    page.keyboard.press("Enter")


def chosen(page) -> list[str]:
    """What is chosen on the screen, and the note."""
    pressed = page.locator(".rr-panel [aria-checked=true]").all_text_contents()
    return [*pressed, page.locator(".rr-note").input_value()]


def test_a_line_that_is_cut_and_a_ticket_that_has_ended_lose_nothing(page, nginx, code, begin, turning, read_state):
    page.goto(f"https://{NAME}/reading/")
    enter(page, code)
    begin(page)
    with turning(page):
        page.keyboard.press("3")
        page.keyboard.press("Enter")
    page.keyboard.press("4")
    page.keyboard.press("h")
    page.locator(".rr-note").fill("costillas")
    page.locator(".rr-note").press("Enter")
    shown, half = page.locator(".rr").get_attribute("data-shown"), chosen(page)
    assert len(half) == 3 and half[-1] == "costillas"

    nginx.cut()
    page.wait_for_timeout(500)
    assert chosen(page) == half, "who only looks notices nothing"
    with turning(page):  # the answer waits for the line
        page.keyboard.press("Enter")
        nginx.start()
    answer = read_state("reader-1")[0].answers[shown]
    assert (answer.rating, answer.cue_text) == (1, "costillas"), "it is saved, once"
    assert read_state("reader-1")[0].answered == 2

    page.keyboard.press("2")
    page.keyboard.press("h")
    shown, half = page.locator(".rr").get_attribute("data-shown"), chosen(page)
    page.context.clear_cookies()  # as when the ticket's twelve hours are over
    nginx.cut()
    nginx.start()
    page.get_by_text("Vuelva a introducir su código de acceso").wait_for()
    assert page.locator(".rr").count() == 0, "nothing of the study is seen"
    enter(page, code)
    page.locator(f".rr[data-screen=case][data-shown='{shown}']").wait_for()
    assert chosen(page) == half
    with turning(page):
        page.keyboard.press("Enter")
    assert read_state("reader-1")[0].answered == 3 and read_state("reader-1")[0].answers[shown].rating == -1
