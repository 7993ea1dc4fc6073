"""Whoever comes without a code leaves nothing behind, and readers who come all at once get in."""

from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
from made_up_run import make_run

from helpers.reading.room import StudyInReading
from helpers.study.accounts import Account, add_account

VISITS = 500  # of four requests each
GROWTH, SPARE = 32 * 2**20, 8  # bytes, and threads or open files, by which a process may grow for reasons of its own
READERS = tuple(f"reader-{number}" for number in range(1, 13))


@pytest.fixture
def many(run, tmp_path, monkeypatch) -> dict[str, str]:
    """Access codes of a dozen readers of another run ``tiny``."""
    monkeypatch.setenv("HELPERS_WORKSPACE", str(tmp_path / "many"))
    make_run(readings=False, readers=READERS)
    study = StudyInReading("tiny")
    return {reader: add_account(study.store, study.plan, Account(reader)) for reader in READERS}


def test_two_thousand_visits_without_a_code_leave_nothing_behind(serving, code, run):
    server, process = serving(), psutil.Process()

    def visit() -> None:
        for path in ("/", "/room.js", "/door"):
            assert server.ask("GET", path)[0] == 200
        assert server.upgrade(server.host, f"http://{server.host}") == 403

    def held() -> int:
        return process.num_threads() + process.num_fds()

    def left() -> tuple[int, list]:
        return len(server.settings.sockets), sorted(path for path in run.folder.rglob("*") if path.is_file())

    for _ in range(20):
        visit()
    before, memory, few = left(), process.memory_info().rss, held()
    for _ in range(VISITS):
        visit()
    assert left() == before and held() <= few + SPARE
    assert process.memory_info().rss < memory + GROWTH


def test_readers_who_come_all_at_once_get_in(many, serving):
    server = serving()

    def come(code: str) -> str:
        state, cookie = server.enter(code)
        assert state == 204
        with server.page(cookie) as page:
            return page.begin()["trial"]

    with ThreadPoolExecutor(len(many)) as pool:
        trials = list(pool.map(come, many.values()))
    plan = StudyInReading("tiny").plan
    assert [dict(zip(plan.trial_id, plan.reader, strict=True))[trial] for trial in trials] == list(READERS)
