"""``python -m helpers.reading`` refuses in one line what cannot be read, before it listens."""

import pytest

from helpers.reading import __main__ as command
from helpers.reading.room import open_study
from helpers.study.accounts import Account, add_account


@pytest.fixture
def served(run, monkeypatch):
    """What would be served, and where."""
    served = []

    async def serve(settings, place, opens_browser):
        served.append((settings, place, opens_browser))

    monkeypatch.setattr(command, "serve", serve)
    return served


def test_an_unknown_reader_is_refused(served, capsys):
    assert command.main(["--run", "tiny", "--reader", "stranger"]) == 2
    assert "cannot be opened: reader 'stranger' is not in the plan" in capsys.readouterr().err and served == []


def test_a_run_without_a_plan_is_refused(served, capsys):
    assert command.main(["--run", "other"]) == 2
    assert "has no study plan yet" in capsys.readouterr().err


def test_the_room_of_one_reader_is_served_to_this_computer(served):
    assert command.main(["--run=tiny", "--reader=guest", "--language=es", "--port=8123", "--break-every=12"]) == 0
    ((settings, place, opens_browser),) = served
    assert (settings.study.run, settings.reader, settings.language, settings.break_every) == ("tiny", "guest", "es", 12)
    assert (place.ip, place.port, place.behind_proxy) == ("localhost", 8123, False) and opens_browser


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--break-every", "0"], "--break-every 0: must be 1 or more"),
        (["--break-minutes", "nan"], "--break-minutes nan: must be 1 or more"),
        (["--prefix", "reading"], "--prefix reading: must be a path"),
        (["--prefix", "/(.*)"], "must be a path of letters and digits"),
        (["--ip", "0.0.0.0"], "is served to this computer only"),
        (["--ip=192.168.1.7"], "is served to this computer only"),
        (["--behind-proxy"], "is served to this computer only"),
    ],
)
def test_what_cannot_be_served_so_is_refused(served, capsys, wrong, said):
    assert command.main(["--run", "tiny", "--reader", "guest", *wrong]) == 2
    assert said in capsys.readouterr().err and served == []


def test_one_server_for_all_readers_needs_somebody_with_a_code(served, capsys):
    assert command.main(["--run", "tiny"]) == 2
    assert "no reader has an access code in run 'tiny'" in capsys.readouterr().err
    plan, store = open_study("tiny")
    add_account(store, plan, Account("reader-1"))
    whole = ["--run=tiny", "--ip=0.0.0.0", "--behind-proxy", "--prefix=/reading/", "--origin=https://x.org/"]
    assert command.main([*whole, "--no-browser"]) == 0
    ((settings, place, opens_browser),) = served
    assert (settings.reader, settings.prefix, settings.origin) == ("", "/reading", "https://x.org")
    assert place.behind_proxy and not opens_browser


def test_an_unknown_language_is_refused(run):
    with pytest.raises(SystemExit):
        command.main(["--language", "fr"])
