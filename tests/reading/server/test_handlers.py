"""The pages are the same for everybody, and the door opens for a known code only."""

import json

import pytest

from helpers.reading.room import StudyInReading
from helpers.reading.server import handlers
from helpers.reading.server.attempts import OF_ADDRESS
from helpers.study.accounts import renew_code


def test_fixed_texts_come_with_headers_that_allow_nothing_else(serving):
    server = serving("guest")
    for path, kind in (("/", "text/html"), ("/room.js", "text/javascript"), ("/room.css", "text/css")):
        state, text, headers = server.ask("GET", path)
        assert state == 200 and headers["Content-Type"].startswith(kind) and len(text) > 300
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store" and headers["X-Content-Type-Options"] == "nosniff"
        assert "Server" not in headers


@pytest.mark.parametrize(
    "path",
    ["/room.py", "/room.html", "/page.html", "/strings.json", "/../room.py", "/..%2f..%2fplan.csv", "//etc/passwd"]
    + ["/api/kernels", "/static/", "/files/", "/socket/x", "/doors", "/door/", "/%00", "/lab", "/metrics"],
)
def test_nothing_else_is_there(serving, path):
    server = serving("guest")
    for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS"):
        state, text, _ = server.ask(method, path)
        assert state >= 400 and text in (f"{state}\n".encode(), b"")


def test_the_door_tells_nothing_of_the_study(serving, code):
    server = serving()
    state, text, _ = server.ask("GET", "/door")
    assert state == 200 and not json.loads(text)["open"]
    study = StudyInReading("tiny")
    secrets = {*study.plan.trial_id, *study.plan.case, *study.plan.reader, *study.plan.source, "tiny"}
    assert not [secret for secret in secrets if secret.encode() in text]


def test_a_known_code_gets_a_ticket_that_opens_the_door(serving, code):
    server = serving()
    state, cookie = server.enter(f" {code.lower()} ")
    assert state == 204 and {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie, "without TLS it would be lost"
    assert json.loads(server.ask("GET", "/door", Cookie=cookie.split(";")[0])[1])["open"]
    study = StudyInReading("tiny")
    renew_code(study.store, "reader-1")
    assert not json.loads(server.ask("GET", "/door", Cookie=cookie.split(";")[0])[1])["open"], "void with a new code"


@pytest.mark.parametrize("wrong", ["AAAA-BBBB-CCCC-DDDD", "reader-1", "", "x" * 101, 7, None, ["a"]])
def test_a_code_that_is_not_known_gets_none(serving, code, wrong, caplog):
    state, cookie = serving().enter(wrong)
    assert (state, cookie) == (403, "") and (not isinstance(wrong, str) or not wrong or wrong not in caplog.text)


def test_many_wrong_codes_make_the_right_one_wait(serving, code, caplog):
    server = serving()
    for number in range(OF_ADDRESS):
        assert server.enter(f"AA{number:02}-BBBB-CCCC-DDDD")[0] == 403
    assert server.enter(code)[0] == 429 and "too many wrong access codes from 127.0.0.1" in caplog.text
    assert "BBBB" not in caplog.text and code not in caplog.text


@pytest.mark.parametrize("origin", ["http://evil.test", "null", "", "http://localhost.evil.test", "http://["])
def test_a_page_of_another_server_cannot_enter(serving, code, origin):
    assert serving().enter(code, Origin=origin) == (403, "")


def test_without_a_code_nothing_is_told_under_a_name_that_is_not_this_computers(serving):
    server = serving("guest")
    port = server.host.split(":")[1]
    for path, state in (("/", 200), ("/room.js", 200), ("/door", 200), ("/nothing", 404)):
        for name in ("evil.test", f"evil.test:{port}", f"localhost.evil.test:{port}", "192.168.1.7", ""):
            assert server.ask("GET", path, Host=name)[:2] == (403, b"403\n")
        for name in (f"localhost:{port}", f"LOCALHOST:{port}", f"127.0.0.1:{port}", f"[::1]:{port}"):
            assert server.ask("GET", path, Host=name)[0] == state


def test_where_readers_see_the_room_may_be_another_name_and_path(serving, code):
    server = serving(prefix="/reading", origin="https://study.test")
    state, cookie = server.enter(code, Origin="https://study.test")
    assert state == 204 and "Path=/reading/" in cookie
    assert server.ask("GET", "/reading/")[0] == 200 and server.ask("GET", "/")[0] == 404


@pytest.mark.parametrize("body", ["", "{", "[]", "{}", "7", "[" * 20_000])
def test_what_is_no_request_is_refused(serving, code, body):
    server = serving()
    state = server.ask("POST", "/door", None, Origin=f"http://{server.host}")[0] if not body else None
    connection_state = state or _posted(server, body)
    assert connection_state in (400, 403)


def _posted(server, body: str) -> int:
    import http.client

    connection = http.client.HTTPConnection(server.host, timeout=30)
    connection.request("POST", "/door", body, {"Origin": f"http://{server.host}"})
    return connection.getresponse().status


def test_what_was_not_foreseen_is_logged_by_its_kind_only(serving, code, monkeypatch, caplog):
    def fail(*_):
        raise KeyError("/secret/readings.sqlite")

    monkeypatch.setattr(handlers, "account_of", fail)
    assert serving().enter(code)[0] == 500
    assert "KeyError" in caplog.text and "secret" not in caplog.text
