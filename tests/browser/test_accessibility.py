"""Every screen of the room meets WCAG 2.2 AA, as far as axe-core can tell."""

import pytest
from wcag import faults

from helpers.reading.room import open_study
from helpers.runs import PROJECT
from helpers.study.accounts import Account, add_account

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("is_light", "viewport"), [(False, (1024, 700)), (True, (1440, 900))])
def test_every_screen_of_the_room(bench, viewport, is_light):
    here, seen = bench(viewport=viewport, break_every=3), {}

    def look(name):
        seen[name] = faults(here.page)

    look("consent")
    here.press(*(["1", "Enter", "l"] if is_light else ["1", "Enter"]))
    look("start")
    here.press("?")
    look("help")
    here.press("Escape", "Enter", "1")
    look("ramp")
    here.press("3", "Enter")
    look("case")
    here.press("4", "s", "b", "m", "ArrowUp")
    look("marked")
    here.page.evaluate("document.documentElement.classList.add('translated-ltr')")
    here.carry()
    look("warning")
    here.page.evaluate("window.say({ is: 'trouble', text: 'trouble_save' }, [])")
    look("trouble")
    here.page.get_by_role("button", name="Try again").click()
    here.carry()
    here.press("Enter", "Enter")
    look("told")
    while here.screen != "end":
        if here.screen not in seen:
            look(here.screen)
        here.press(*(("3", "Enter") if here.screen == "case" else ("Enter",)))
    look("end")
    assert set(seen) >= {"break", "part"} and not {name: found for name, found in seen.items() if found}


def test_a_room_that_is_too_small_and_one_that_is_open_elsewhere(bench):
    small = bench(viewport=(740, 700))
    assert faults(small.page) == []
    bench(context=small.page.context)
    small.page.set_viewport_size({"width": 1200, "height": 800})
    small.carry()
    assert small.screen == "elsewhere" and faults(small.page) == []


def test_the_page_at_the_door_and_behind_it(page, run, serve, begin):
    plan, store = open_study("tiny")
    code = add_account(store, plan, Account("reader-1", language="es"))
    page.goto(serve("helpers.reading", "--run=tiny", folder=PROJECT, ready="/door"))
    field = page.locator("input[type=password]")
    field.fill("AAAA-BBBB-CCCC-DDDD")
    field.press("Enter")
    page.get_by_text("This access code is not recognised").wait_for()
    assert faults(page, None) == [] and page.title() == "Reading room"
    field.fill(code)
    field.press("Enter")
    begin(page)
    assert faults(page, None) == [] and page.title() == "Sala de lectura"
