"""The page that ``make read`` serves is read in Firefox too, to the end, by keys and mouse."""

import pytest
from debian_firefox import FIREFOX, firefox

from helpers.runs import PROJECT

pytestmark = pytest.mark.browser

SCREEN = "document.querySelector('.rr')?.dataset.screen"
SETTLED = (
    "!document.querySelector('.rr-busy, .rr-submit[aria-disabled=true], .rr[data-screen=case]:not([data-shown])') && "
    "[document.querySelector('.rr').dataset.screen, document.querySelector('.rr').dataset.shown, "
    "Boolean(document.querySelector('.rr-told'))].join()"
)


@pytest.fixture
def page(run, serve, tmp_path):
    """The room of the guest in Firefox, at the consent."""
    if FIREFOX is None:
        pytest.skip("Firefox is not installed (Debian: apt install firefox-esr)")
    address = serve("helpers.reading", "--run=tiny", "--reader=guest", folder=PROJECT, ready="/door")
    with firefox(tmp_path / "profile") as page:
        page.size(1400, 900)
        page.goto(address)
        page.wait_for(f"{SCREEN} === 'consent'")
        yield page


def step(page, *keys: str) -> None:
    """Press keys, and wait until another screen or case is there."""
    before = page.evaluate(SETTLED)
    page.press(*keys, "Enter")
    page.wait_for(f"![false, {before!r}].includes({SETTLED})")


def test_a_whole_session_is_read_in_firefox(page, read_state):
    keys = {"consent": ["1"], "ramp": ["1", "3"], "case": ["2", "s"]}
    while (screen := page.evaluate(SCREEN)) != "end":
        step(page, *keys.get(screen, []))
    session, events = read_state()
    assert session.is_finished and [event.kind for event in events].count("answered") == session.total
    assert all(answer.rating == -1 and answer.active_ms > 0 for answer in session.answers.values())
    assert page.errors == []
