"""A server lives as long as its block, and one that dies says why."""

import urllib.error
import urllib.request

import pytest

from helpers.errors import RunError
from helpers.reading.served import served

SERVER = """
import os, sys
from http.server import HTTPServer, SimpleHTTPRequestHandler
port = int(next(word for word in sys.argv if word.startswith("--port=")).split("=")[1])
HTTPServer(("127.0.0.1", port), SimpleHTTPRequestHandler).serve_forever()
"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "waiter.py").write_text(SERVER)
    (tmp_path / "dying.py").write_text("raise SystemExit('the kitchen is closed')")
    (tmp_path / "hello.txt").write_text("hello")
    return tmp_path


def test_it_answers_within_the_block_and_no_longer(folder):
    with served("waiter", folder=folder, ready="/") as address:
        assert urllib.request.urlopen(f"{address}/hello.txt").read() == b"hello"
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(address)


def test_an_answer_that_refuses_is_an_answer(folder):
    with served("waiter", folder=folder, ready="/nothing-here") as address:
        assert address.startswith("http://127.0.0.1:")


def test_a_server_that_ends_says_its_last_words(folder):
    with pytest.raises(RunError, match="dying.*the kitchen is closed"), served("dying", folder=folder):
        pass


def test_it_ends_when_the_block_fails(folder):
    with pytest.raises(ValueError, match="mine"), served("waiter", folder=folder, ready="/") as address:
        raise ValueError("mine")
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(address)
