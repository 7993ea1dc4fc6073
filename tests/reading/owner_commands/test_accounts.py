"""Accounts from the command line; a code is printed when it is made, only."""

import re

import pytest

from helpers.errors import ReadingError
from helpers.reading import room
from helpers.reading.readers import main
from helpers.study.accounts import account_of

CODE = re.compile(r"[2-9A-HJKMNP-Z]{4}(?:-[2-9A-HJKMNP-Z]{4}){3}")


def code_of(capsys) -> str:
    return CODE.search(capsys.readouterr().out)[0]


def test_a_reader_is_added_listed_and_admitted(run, capsys):
    options = ["--years", "12", "--subspecialty", "thoracic", "--language", "es"]
    assert main(["add", "--run", "tiny", "reader-1", *options]) == 0
    code = code_of(capsys)
    assert main(["list", "--run", "tiny"]) == 0
    listed = capsys.readouterr().out
    assert not CODE.search(listed) and all(word in listed for word in ("reader-1", "12", "thoracic", "es"))
    admitted = account_of(room.open_study("tiny")[1], code)
    assert (admitted.reader, admitted.language) == ("reader-1", "es")


def test_a_new_code_admits_and_the_old_one_no_longer_does(run, capsys):
    main(["add", "--run", "tiny", "reader-1"])
    old = code_of(capsys)
    assert main(["new-code", "--run", "tiny", "reader-1"]) == 0
    store = room.open_study("tiny")[1]
    assert account_of(store, code_of(capsys)).reader == "reader-1"
    with pytest.raises(ReadingError, match="not known"):
        account_of(store, old)


def test_no_accounts_is_said(run, capsys):
    assert main(["list", "--run", "tiny"]) == 0
    assert "No accounts yet" in capsys.readouterr().out


def test_years_and_subspecialty_are_corrected_and_the_log_has_what_was_there(run, capsys):
    main(["add", "--run", "tiny", "reader-1", "--years", "12", "--subspecialty", "thoracic"])
    assert main(["correct", "--run", "tiny", "reader-1", "--reason", "typing error"]) == 2
    assert main(["correct", "--run", "tiny", "reader-1", "--years", "1200", "--reason", "typing error"]) == 2
    assert main(["correct", "--run", "tiny", "reader-1", "--years", "2", "--reason", " "]) == 2
    capsys.readouterr()
    assert main(["correct", "--run", "tiny", "reader-1", "--years", "2", "--reason", "typing error"]) == 0
    assert "years 2.0, subspecialty thoracic" in capsys.readouterr().out
    assert main(["log", "--run", "tiny"]) == 0
    entry = capsys.readouterr().out.splitlines()[-1]
    assert "corrected" in entry and '"experience_years": 12.0' in entry and "typing error" in entry
