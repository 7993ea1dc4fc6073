"""The examples of ``docs/hosting.md`` work as they stand there: a real nginx with real TLS, and the systemd unit."""

import re
import shutil
import socket
import ssl
import subprocess
import sys

import pytest
from behind_nginx import NAME, Nginx
from websockets.sync.client import connect

from helpers.runs import PROJECT


@pytest.fixture
def nginx(serving, code, tmp_path):
    """An nginx before a server of the run."""
    server = serving(prefix="/reading", origin=f"https://{NAME}", behind_proxy=True)
    with Nginx(tmp_path, server.host) as nginx:
        yield nginx


def test_a_reader_reads_through_it(nginx, code):
    trusting = ssl.create_default_context(cafile=nginx.certificate[0])
    with (
        socket.create_connection(("127.0.0.1", nginx.port)) as plain,
        trusting.wrap_socket(plain, server_hostname=NAME) as tls,
    ):
        body = f'{{"code": "{code}"}}'
        request = f"POST /reading/door HTTP/1.1\r\nHost: {NAME}\r\nOrigin: https://{NAME}\r\nConnection: close\r\n"
        tls.sendall(f"{request}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        said = b"".join(iter(lambda: tls.recv(65536), b"")).decode()
    assert said.startswith("HTTP/1.1 204") and "; Secure" in said and "; HttpOnly" in said
    cookie = re.search(r"Set-Cookie: ([^;]+)", said)[1]
    with connect(
        f"wss://{NAME}/reading/socket", sock=socket.create_connection(("127.0.0.1", nginx.port)), ssl=trusting,
        origin=f"https://{NAME}", additional_headers={"Cookie": cookie}, proxy=None,
    ) as page:  # fmt: skip
        assert '"is": "room"' in page.recv(30)
        page.send('{"do": "agree"}')
        assert page.recv(30)


def test_the_unit_is_one_that_systemd_takes(tmp_path):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    unit = re.search(r"```ini\n(.*?)```", (PROJECT / "docs/hosting.md").read_text(), re.DOTALL)[1]
    python = re.search(r"ExecStart=(\S+) -m helpers.reading --run ", unit)[1]
    file = tmp_path / "reading-room.service"
    file.write_text(unit.replace(python, sys.executable))
    checked = subprocess.run(["systemd-analyze", "verify", file], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")
