import asyncio

import numpy as np

from helpers.explore.link import WAIT, Choice, Link

ALL = Choice({}, "", None)
SOME = Choice({"source": ["gan"]}, "", np.array([1, 2]))


def followed(log, name, parts=1):
    def follow(choice):
        for part in range(parts):
            log.append((name, part, choice))
            yield

    return follow


def test_every_view_but_the_one_that_chose_follows():
    link, log = Link(), []
    for name in ("cases", "figures", "atlas"):
        link.join(name, followed(log, name))
    link.tell("figures", SOME)
    assert log == [("cases", 0, SOME), ("atlas", 0, SOME)]


def test_a_view_that_is_made_anew_takes_the_place_of_the_old_one():
    link, log = Link(), []
    link.join("cases", followed(log, "old"))
    link.join("cases", followed(log, "new"))
    link.tell("atlas", ALL)
    assert [name for name, _, _ in log] == ["new"]


def test_in_a_notebook_views_follow_the_last_of_several_choices_and_not_at_once():
    link, log = Link(), []
    link.join("figures", followed(log, "figures", parts=2))

    async def choose():
        link.tell("cases", ALL)
        link.tell("cases", SOME)
        assert log == []
        await asyncio.sleep(2 * WAIT)

    asyncio.run(choose())
    assert log == [("figures", 0, SOME), ("figures", 1, SOME)]


def test_in_a_notebook_another_choice_ends_what_has_only_begun():
    link, log = Link(), []

    def follow(choice):
        log.append(choice)
        if choice is SOME:
            link.tell("cases", ALL)
        yield
        log.append(choice)

    link.join("figures", follow)

    async def choose():
        link.tell("cases", SOME)
        await asyncio.sleep(4 * WAIT)

    asyncio.run(choose())
    assert log == [SOME, ALL, ALL]
