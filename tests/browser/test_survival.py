"""Reload, and server killed, at random moments of a real reading: it goes on at the same trial."""

import os
import random
from urllib.parse import urlsplit

import psutil
import pytest

from helpers.runs import PROJECT
from helpers.study.settings import GUEST

pytestmark = pytest.mark.browser

HITS = int(os.environ.get("HELPERS_SURVIVAL_HITS", "5"))  # more take about three seconds each
KINDS = ("reload", "server")
ACTS = {"answer": ("3", "Enter"), "undo": ("z",), "pause": ("p",)}
CHANGES = {"answer": (0, 1), "undo": (-1, 0), "pause": (0,)}  # of the answers kept, whether the act was saved or not


def server_at(address: str) -> psutil.Process:
    """The process that serves an address."""
    option = f"--port={urlsplit(address).port}"
    return next(process for process in psutil.process_iter(["cmdline"]) if option in (process.info["cmdline"] or ()))


def read_until_hit(page, hit, turning, chance: random.Random) -> tuple[int, tuple[int, ...]]:
    """Answer some cases, then do one thing more, into which the hit falls; returns how many answers the page went past
    and by how many that thing may change them."""
    answers = chance.randint(1, 3)
    for _ in range(answers):
        with turning(page):
            page.keyboard.press("3")
            page.keyboard.press("Enter")
    act = chance.choice(["answer", "answer", "undo", "pause"])
    for key in ACTS[act]:
        page.keyboard.press(key)
    page.wait_for_timeout(chance.uniform(0, 40))
    hit()
    return answers, CHANGES[act]


def test_whatever_ends_the_reading_it_goes_on_at_the_same_trial(chromium, run, serve, begin, turning, read_state):
    chance, address = random.Random(3), serve_room(serve)
    expected = (0,)
    for number in range(HITS + 1):
        session, _ = read_state()
        if session.total - session.answered < 5:  # all but read: a new reading begins
            server_at(address).kill()
            for file in run.database.parent.glob(f"{run.database.name}*"):
                file.unlink()
            address, expected = serve_room(serve), (0,)
        page = chromium.new_page(viewport={"width": 1400, "height": 900})
        page.goto(address)
        begin(page)
        session, events = read_state()
        assert page.locator(".rr").get_attribute("data-shown") == session.current.trial_id
        assert session.answered in expected, "at most what was on its way is open"
        submissions = [event.submission_id for event in events if event.kind == "answered"]
        assert len(set(submissions)) == len(submissions) == session.answered + count(events, "undone")
        if number < HITS:
            hit, server = KINDS[number % len(KINDS)], server_at(address)
            does = {"reload": page.reload, "server": server.kill}
            passed, changes = read_until_hit(page, does[hit], turning, chance)
            expected = [session.answered + passed + change for change in changes]
            address = serve_room(serve) if hit == "server" else address
        page.close()


def count(events, kind: str) -> int:
    return sum(event.kind == kind for event in events)


def serve_room(serve) -> str:
    return serve("helpers.reading", "--run=tiny", f"--reader={GUEST}", folder=PROJECT, ready="/door")
