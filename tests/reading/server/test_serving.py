"""Where the server listens, and what stops it."""

import asyncio
import socket

import pytest

from helpers.errors import ReadingError
from helpers.reading.room import StudyInReading
from helpers.reading.server.handlers import Settings
from helpers.reading.server.serving import Place, serve


def serve_at(place: Place) -> None:
    asyncio.run(serve(Settings(StudyInReading("tiny"), "guest"), place, ready=lambda _, end: end()))


def test_it_says_its_address_and_ends_when_it_is_told(run, capsys):
    serve_at(Place("127.0.0.1"))
    assert "Reading room of run 'tiny': http://127.0.0.1:" in capsys.readouterr().out


def test_a_port_in_use_is_said(run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ReadingError, match=rf"127.0.0.1:{port}: .*choose another --port"):
            serve_at(Place("127.0.0.1", port))


def test_a_certificate_that_cannot_be_read_is_said(run, tmp_path):
    with pytest.raises(ReadingError, match="--certificate .*nothing.pem: cannot be used"):
        serve_at(Place("127.0.0.1", certificate=str(tmp_path / "nothing.pem")))
