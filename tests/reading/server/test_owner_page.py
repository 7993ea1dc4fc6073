"""The owner's page: entered by codes of its own, progress for monitors, the owner's commands for owners."""

import base64
import json

import pytest

from helpers.reading.readers import main
from helpers.reading.room import StudyInReading
from helpers.reading.server.attempts import OF_ADDRESS
from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.keepers import MONITOR, OWNER, Keeper, remove_keeper, set_keeper

WRONG = "AAAA-BBBB-CCCC-DDDD"


@pytest.fixture
def owner(run):
    """Access code of an owner."""
    return set_keeper(StudyInReading("tiny").store, Keeper("olga", OWNER))


@pytest.fixture
def monitor(run):
    """Access code of a monitor."""
    return set_keeper(StudyInReading("tiny").store, Keeper("mo", MONITOR, "es"))


def enter(server, code: str, **headers) -> tuple[int, str]:
    """State of the reply, and the cookie without its attributes."""
    headers = {"Origin": f"http://{server.host}"} | headers
    state, _, told = server.ask("POST", "/owner/door", {"code": code}, **headers)
    return state, told.get("Set-Cookie", "").split(";")[0]


def look(server, cookie: str) -> dict:
    state, text, _ = server.ask("GET", "/owner/state", Cookie=cookie)
    assert state == 200
    return json.loads(text)


def act(server, cookie: str, origin: str | None = None, **asked) -> tuple[int, dict]:
    headers = {"Origin": origin or f"http://{server.host}", "Cookie": cookie}
    state, text, _ = server.ask("POST", "/owner/do", asked, **headers)
    return state, json.loads(text) if state in (200, 409) else {}


def answer_all(reader: str, count: int = 5) -> None:
    study = StudyInReading("tiny")
    desk = Desk(study.store, study.plan, reader)
    for _ in range(count):
        desk.answer(desk.current.trial_id, f"{reader}-{desk.position}", Answer(0, active_ms=2000))


def test_the_page_is_fixed_texts_with_the_headers_of_the_room(serving, code):
    server = serving()
    for path in ("/owner/", "/owner/owner.js", "/owner/owner.css"):
        state, text, headers = server.ask("GET", path)
        assert state == 200 and len(text) > 300 and b"tiny" not in text
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["Cache-Control"] == "no-store"


def test_without_codes_there_is_no_owners_page(serving, owner):
    server = serving("guest")
    for path in ("/owner/", "/owner/door", "/owner/state", "/owner/do"):
        assert server.ask("GET", path)[0] == 404 and server.ask("POST", path, {})[0] == 404


def test_the_tickets_of_readers_and_owners_do_not_open_each_others_doors(serving, code, owner):
    server = serving()
    reader, keeper = server.enter(code)[1].split(";")[0], enter(server, owner)[1]
    _, reader_ticket = reader.split("=", 1)
    _, keeper_ticket = keeper.split("=", 1)
    for cookie in (reader, f"owner-page={reader_ticket}", "owner-page=", ""):
        assert server.ask("GET", "/owner/state", Cookie=cookie)[0] == 403
    assert look(server, keeper)["role"] == "owner"
    assert server.upgrade(server.host, f"http://{server.host}", f"reading-room={keeper_ticket}") == 403
    assert enter(server, code)[0] == 403 and server.enter(owner)[0] == 403


def test_its_cookie_is_for_the_page_alone_and_goes_with_the_code(serving, code, owner):
    server, store = serving(), StudyInReading("tiny").store
    told = server.ask("POST", "/owner/door", {"code": owner}, Origin=f"http://{server.host}")[2]["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Strict", "Path=/owner/"} <= set(told.split("; "))
    cookie = told.split(";")[0]
    set_keeper(store, Keeper("olga", OWNER))
    assert server.ask("GET", "/owner/state", Cookie=cookie)[0] == 403, "void with a new code"
    cookie = enter(server, set_keeper(store, Keeper("olga", OWNER)))[1]
    remove_keeper(store, "olga")
    assert server.ask("GET", "/owner/state", Cookie=cookie)[0] == 403


def test_wrong_codes_of_readers_do_not_keep_the_owner_out(serving, code, owner, caplog):
    server = serving()
    for number in range(OF_ADDRESS):
        server.enter(f"AA{number:02}-BBBB-CCCC-DDDD")
    assert server.enter(code)[0] == 429 and enter(server, owner)[0] == 204
    for number in range(OF_ADDRESS):
        assert enter(server, f"AA{number:02}-BBBB-CCCC-DDDD")[0] == 403
    assert enter(server, owner)[0] == 429 and "BBBB" not in caplog.text


def test_a_failed_entry_is_logged_without_the_code(serving, code, owner, capsys):
    enter(serving(), WRONG)
    main(["log", "--run", "tiny"])
    said = capsys.readouterr().out
    assert "failed_entry" in said and "page: owner" in said and "BBBB" not in said and owner not in said


def test_a_monitor_sees_progress_and_may_do_nothing(serving, code, monitor):
    answer_all("reader-1", 2)
    server = serving()
    cookie = enter(server, monitor)[1]
    seen = look(server, cookie)
    rows = {row["reader"]: row for row in seen["readers"]}
    assert not seen["may_act"] and seen["texts"]["language"] == "es"
    assert (rows["reader-1"]["answered"], rows["reader-1"]["total"]) == (2, 5)
    assert rows["reader-1"]["state"] == "reading" and not rows["reader-1"]["here"]
    for asked in ({"do": "close_all"}, {"do": "export"}, {"do": "log"}, {"do": "verify"}):
        assert act(server, cookie, **asked) == (403, {})


def test_what_is_seen_tells_nothing_of_truth(serving, code, owner):
    answer_all("reader-1", 2)
    server = serving()
    text = json.dumps(look(server, enter(server, owner)[1])["readers"])
    study = StudyInReading("tiny")
    assert not [word for word in {*study.plan.source, *study.plan.trial_id, *study.plan.case} if word in text]
    assert "correct" not in text and "rating" not in text


def test_who_reads_now_is_seen_and_a_break_too(serving, code, owner):
    server = serving()
    cookie = enter(server, owner)[1]
    with server.page(server.enter(code)[1]) as page:
        page.begin()
        page.ask(do="pause")
        (row,) = [row for row in look(server, cookie)["readers"] if row["reader"] == "reader-1"]
        assert row["here"] and row["state"] == "on a break"


@pytest.mark.parametrize("origin", ["http://evil.test", "null"])
def test_a_page_of_another_server_can_do_nothing(serving, code, owner, origin):
    server = serving()
    assert enter(server, owner, Origin=origin)[0] == 403
    assert act(server, enter(server, owner)[1], origin, do="close_all") == (403, {})


@pytest.mark.parametrize(
    "asked",
    [{}, {"do": "withdraw"}, {"do": "close"}, {"do": "close", "reader": "<b>", "reason": ""}]
    + [{"do": "close", "reader": "reader-1", "reason": 7}, {"do": "export", "run": "other"}]
    + [{"do": "close", "reader": "reader-1", "reason": "x" * 1001}, {"do": "invite", "reader": "--all", "reason": []}],
)
def test_what_breaks_the_schema_is_refused(serving, code, owner, asked):
    server = serving()
    assert act(server, enter(server, owner)[1], **asked) == (400, {})


def test_a_new_code_is_told_once_and_opens_the_room(serving, code, owner):
    server = serving()
    cookie = enter(server, owner)[1]
    state, told = act(server, cookie, do="invite", reader="reader-1", reason="")
    new = told["said"].split(": ")[1].split("\n")[0]
    assert state == 200 and server.enter(new)[0] == 204 and server.enter(code)[0] == 403
    said = act(server, cookie, do="log")[1]["said"]
    assert new not in said and "by: olga; did: invite" in said
    assert act(server, cookie, do="invite", reader="nobody", reason="")[0] == 409


def test_sessions_are_closed_reopened_and_exported_once_nobody_reads(serving, code, owner, tmp_path, capsys):
    server = serving()
    cookie = enter(server, owner)[1]
    state, told = act(server, cookie, do="export")
    assert state == 409 and "reader-1 may still read" in told["said"], "who has a code may begin"
    assert act(server, cookie, do="close", reader="reader-1", reason="")[0] == 409, "not begun"
    answer_all("reader-1", 4)
    assert act(server, cookie, do="export")[0] == 409
    assert act(server, cookie, do="close", reader="reader-1", reason="by mistake")[0] == 200
    assert act(server, cookie, do="reopen", reader="reader-1", reason=" ")[0] == 409, "a reason is wanted"
    assert act(server, cookie, do="reopen", reader="reader-1", reason="goes on")[0] == 200
    answer_all("reader-1", 1)
    assert act(server, cookie, do="close_all")[0] == 200
    state, told = act(server, cookie, do="export")
    file = tmp_path / told["name"]
    file.write_bytes(base64.b64decode(told["file"]))
    assert state == 200 and "5 of reader-1" in told["said"] and "tmp" not in told["said"]
    assert main(["verify", "--run", "tiny", str(file)]) == 0
    assert act(server, cookie, do="verify")[1]["said"].startswith("The record of tiny is as it was written")
