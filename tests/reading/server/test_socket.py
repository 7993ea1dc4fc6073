"""One websocket a reader: only with a ticket, only from the server's own page, in the order in which it was asked."""

import json
import threading

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from helpers.reading.room import StudyInReading
from helpers.reading.server.application import MESSAGE_BYTES
from helpers.study.accounts import Account, add_account
from helpers.study.store import Store


def test_a_reader_reads_to_the_end(serving, code):
    server = serving(break_every=12)
    with server.page(server.enter(code)[1]) as page:
        assert page.values["is"] == "room" and page.values["page"] and page.values["break_every"] == 12
        assert page.values["texts"]["language"] == "es" and "door_code" not in json.dumps(page.values["seat"])
        turn = page.begin()
        while turn["trial"]:
            turn = page.answer(turn["trial"], turn["trial"])
        assert turn["answered"] == turn["total_all"] == 5
        assert len({len(case["pixels"]) for case in page.cases[:2]}) == 1
    assert len(StudyInReading("tiny").conversation("reader-1", print).desk.answers) == 5


@pytest.mark.parametrize("cookie", ["", "reading-room=x.1.y", "reading-room="])
def test_without_a_ticket_there_is_none(serving, code, cookie):
    with pytest.raises(InvalidStatus, match="403"), serving().page(cookie):
        pass


@pytest.mark.parametrize("origin", ["http://evil.test", "null"])
def test_another_servers_page_gets_none_although_it_has_the_ticket(serving, code, origin):
    server = serving()
    with pytest.raises(InvalidStatus, match="403"), server.page(server.enter(code)[1], origin):
        pass


def test_no_page_gets_in_by_a_name_of_its_own_that_leads_to_a_room_without_a_code(serving):
    server = serving("guest")
    port = server.host.split(":")[1]
    here, evil = f"localhost:{port}", f"evil.test:{port}"
    origins = (None, f"http://{evil}", f"http://{here}", "null")
    assert {server.upgrade(evil, origin) for origin in origins} == {403}
    assert server.upgrade(here, f"http://{here}") == 101


@pytest.mark.parametrize("reader", ["guest", ""])
def test_a_page_that_does_not_say_that_it_is_of_this_server_gets_none(serving, code, reader):
    server = serving(reader)
    cookie = "" if reader else server.enter(code)[1]
    for origin in (None, "", "null", "http://[", "http://evil.test", f"http://{server.host}@evil.test"):
        assert server.upgrade(server.host, origin, cookie) == 403
    assert server.upgrade(server.host, f"http://{server.host}", cookie) == 101


@pytest.mark.parametrize("junk", ["", "{", "7", '{"do": "dance"}', b"\x00\xff", "[" * 30_000])
def test_junk_is_told_in_general_and_reading_goes_on(serving, junk):
    with serving("guest").page() as page:
        page.socket.send(junk)
        assert page.hear() == {"is": "trouble", "text": "trouble_page"}
        assert page.begin()["answered"] == 0


def test_a_message_that_is_too_long_ends_the_connection_and_nothing_else(serving):
    server = serving("guest")
    with server.page() as page:
        page.socket.send("x" * (MESSAGE_BYTES + 1))
        with pytest.raises(ConnectionClosed):
            page.hear()
    with server.page() as page:
        assert page.begin()["answered"] == 0


def test_answers_of_two_pages_of_one_reader_are_one_reading(serving):
    server = serving("guest")
    with server.page() as one, server.page() as two:
        first = one.begin()["trial"]
        assert two.begin()["trial"] == first
        assert one.answer(first, "a")["answered"] == 1
        turn = two.answer(first, "b")
        assert (turn["notice"], turn["answered"]) == ("elsewhere", 1)


def test_a_new_page_goes_on_after_the_server_has_ended_and_started_again(serving, code):
    server = serving()
    cookie = server.enter(code)[1]
    with server.page(cookie) as page:
        first = page.begin()["trial"]
        page.answer(first, "a")
        server.end()
        with pytest.raises(ConnectionClosed):
            page.hear()
    with serving().page(cookie) as page:
        turn = page.ask(do="open", location="1" * 32)
        assert turn["agreed"] and turn["answered"] == 1, "no code is asked for again, and nothing is lost"
        assert page.answer(first, "a")["answered"] == 1, "what is sent again counts once"


def test_a_slow_database_of_one_reader_holds_nobody_else_up(serving, run, monkeypatch):
    study = StudyInReading("tiny")
    codes = [add_account(study.store, study.plan, Account(reader)) for reader in ("guest", "reader-1")]
    server, held, extend = serving(), threading.Event(), Store.extend

    def slow(store, reader, *rest):
        if reader == "guest":
            assert held.wait(30)
        return extend(store, reader, *rest)

    with server.page(server.enter(codes[0])[1]) as one, server.page(server.enter(codes[1])[1]) as two:
        monkeypatch.setattr(Store, "extend", slow)
        one.socket.send(json.dumps({"do": "agree"}))
        assert two.begin()["agreed"]
        held.set()
        assert one.hear()["is"] in ("case", "turn")


def test_a_room_that_cannot_be_opened_closes_without_a_word_of_why(serving, run, caplog):
    server = serving("guest")
    (run.stage_folder("06_study_plan") / "plan.csv").write_text("reader,position\n1,2\n")
    with pytest.raises(ConnectionClosed) as closed, server.page():
        pass
    assert closed.value.rcvd.code == 1013 and not closed.value.rcvd.reason
    assert "TableError" in caplog.text


def test_pages_that_leave_are_forgotten(serving):
    server = serving("guest")
    for _ in range(20):
        with server.page():
            pass
    with server.page():
        assert len(server.settings.sockets) <= 2
