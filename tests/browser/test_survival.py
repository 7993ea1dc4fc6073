"""Reload, kernel killed, server killed, at random moments of a real reading: it goes on at the same trial."""

import random
from urllib.parse import urlsplit

import psutil
import pytest

from helpers.runs import PROJECT
from helpers.study.settings import GUEST

pytestmark = pytest.mark.browser

HITS = ("reload", "kernel", "server", "kernel", "server")


def server_at(address: str) -> psutil.Process:
    """The process that serves an address."""
    option = f"--port={urlsplit(address).port}"
    return next(process for process in psutil.process_iter(["cmdline"]) if option in (process.info["cmdline"] or ()))


def kernels_of(server: psutil.Process) -> list[psutil.Process]:
    return [child for child in server.children(recursive=True) if "ipykernel_launcher" in child.cmdline()]


def answer_until_hit(page, hit, turning, chance: random.Random, answers: int) -> int:
    """Answer some cases, then one more into whose saving the hit falls; returns how many the page went past."""
    for _ in range(answers):
        with turning(page):
            page.keyboard.press("3")
            page.keyboard.press("Enter")
    page.keyboard.press("3")
    page.keyboard.press("Enter")
    page.wait_for_timeout(chance.uniform(0, 40))
    hit()
    return answers


def test_whatever_ends_the_reading_it_goes_on_at_the_same_trial(chromium, run, serve, begin, turning, read_state):
    chance, done = random.Random(3), 0
    address = serve_room(serve)
    for hit in HITS:
        page = chromium.new_page(viewport={"width": 1400, "height": 900})
        page.goto(address)
        begin(page)
        session, _ = read_state()
        assert page.locator(".rr").get_attribute("data-shown") == session.current.trial_id
        server = server_at(address)
        does = {"reload": page.reload, "kernel": kill_all(kernels_of(server)), "server": kill_all([server])}
        passed = answer_until_hit(page, does[hit], turning, chance, answers=2)
        page.close()
        if hit == "server":
            address = serve_room(serve)
        session, events = read_state()
        assert session.answered in (done + passed, done + passed + 1), "at most the one on its way is open"
        submissions = [event.submission_id for event in events if event.kind == "answered"]
        assert len(set(submissions)) == len(submissions) == session.answered
        done = session.answered


def serve_room(serve) -> str:
    return serve("helpers.reading", "--run=tiny", f"--reader={GUEST}", folder=PROJECT, ready="/voila/static/")


def kill_all(processes: list[psutil.Process]):
    """A function that kills them, without a chance to tidy up."""
    return lambda: [process.kill() for process in processes]
