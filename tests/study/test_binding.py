"""A plan may grow while it is read; what has been read stays bound to its own trial."""

import pytest

from helpers.errors import StoreError
from helpers.study.answer import Answer
from helpers.study.binding import trial_digests
from helpers.study.desk import Desk
from helpers.study.store import Store


def read(path, plan, reader="ada", count=2):
    store = Store(path, plan)
    desk = Desk(store, plan, reader)
    for _ in range(count):
        desk.answer(desk.current.trial_id, desk.current.trial_id, Answer(1))
    store.dispose()
    return desk


@pytest.fixture
def path(tmp_path):
    return tmp_path / "readings.sqlite"


def test_a_plan_with_more_readers_and_cases_goes_on_where_everyone_is(path, plan_of):
    read(path, plan_of())
    grown = plan_of(count=8, readers=("ada", "ben", "eve"))
    desk = Desk(Store(path, grown), grown, "ada")
    assert list(desk.answers) == ["ada-0", "ada-1"] and (desk.current.trial_id, desk.total) == ("ada-2", 8)
    assert read(path, grown, "eve").answered == 2


def test_a_site_that_has_the_smaller_plan_yet_goes_on_as_long_as_it_has_what_was_read(path, plan_of):
    read(path, plan_of(count=8))
    assert read(path, plan_of(), "ben").answered == 2
    read(path, plan_of(count=8), "ben", count=5)
    with pytest.raises(StoreError, match="belong to another plan"):
        Store(path, plan_of())


@pytest.mark.parametrize("change", [{"present": 0}, {"source": "gan"}, {"position": 9}, {"finding": "lung_opacity"}])
def test_a_trial_that_was_read_cannot_become_another_one(path, plan, change):
    read(path, plan)
    for row, is_refused in ((plan.index[plan.trial_id == "ada-0"][0], True), (len(plan) - 1, False)):
        changed = plan.copy()
        for column, value in change.items():
            changed.loc[row, column] = value
        if is_refused:
            with pytest.raises(StoreError, match="missing or changed"):
                Store(path, changed)
        else:
            assert Store(path, changed).readers() == {"ada": "human"}


def test_what_a_guest_tried_out_binds_nobody_and_goes_with_its_trials(path, plan_of):
    read(path, plan_of(count=8, readers=("guest",)), "guest", count=7)
    assert Store(path, plan_of(readers=("guest", "ada"))).events("guest") == []


def test_a_trial_is_the_same_whether_a_blank_column_is_there_or_not(plan):
    assert trial_digests(plan) == trial_digests(plan.assign(template=None))
    assert len(set(trial_digests(plan).values())) == len(plan)
