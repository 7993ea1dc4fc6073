"""The nginx configuration of ``docs/hosting.md`` works as it stands there, with a real nginx and real TLS."""

import re
import shutil
import socket
import ssl
import subprocess
import time

import pytest
from websockets.sync.client import connect

from helpers.runs import PROJECT

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")  # where only root looks
NAME = "study.example.org"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def certificate(tmp_path):
    """Files of a certificate for the name in the page, and of its key."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    files = tmp_path / "fullchain.pem", tmp_path / "privkey.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    command += ["-addext", f"subjectAltName=DNS:{NAME}", "-out", files[0], "-keyout", files[1]]
    subprocess.run(command, check=True, capture_output=True)
    return files


@pytest.fixture
def proxied(serving, code, certificate, tmp_path):
    """Port of an nginx with the page's configuration before a server of the run."""
    if NGINX is None:
        pytest.skip("nginx is not installed (Debian: apt install nginx)")
    server = serving(prefix="/reading", origin=f"https://{NAME}", behind_proxy=True)
    text = re.search(r"```nginx\n(.*?)```", (PROJECT / "docs" / "hosting.md").read_text(), re.DOTALL)[1]
    port = free_port()
    for there, here in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        (f"/etc/letsencrypt/live/{NAME}/fullchain.pem", str(certificate[0])),
        (f"/etc/letsencrypt/live/{NAME}/privkey.pem", str(certificate[1])),
        ("127.0.0.1:8866", server.host),
    ):
        assert there in text
        text = text.replace(there, here)
    places = " ".join(f"{name}_temp_path {tmp_path}/{name};" for name in ("client_body", "proxy"))
    whole = f"pid {tmp_path}/pid; error_log {tmp_path}/log; events {{}} http {{ access_log off; {places} {text} }}"
    (tmp_path / "nginx.conf").write_text(whole)
    nginx = subprocess.Popen([NGINX, "-p", tmp_path, "-c", tmp_path / "nginx.conf", "-g", "daemon off;"])
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert nginx.poll() is None, (tmp_path / "log").read_text()
        time.sleep(0.1)
    yield port
    nginx.terminate()
    nginx.wait(30)


def test_a_reader_reads_through_it(proxied, code, certificate):
    trusting = ssl.create_default_context(cafile=certificate[0])
    with (
        socket.create_connection(("127.0.0.1", proxied)) as plain,
        trusting.wrap_socket(plain, server_hostname=NAME) as tls,
    ):
        body = f'{{"code": "{code}"}}'
        request = f"POST /reading/door HTTP/1.1\r\nHost: {NAME}\r\nOrigin: https://{NAME}\r\nConnection: close\r\n"
        tls.sendall(f"{request}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        said = b"".join(iter(lambda: tls.recv(65536), b"")).decode()
    assert said.startswith("HTTP/1.1 204") and "; Secure" in said and "; HttpOnly" in said
    cookie = re.search(r"Set-Cookie: ([^;]+)", said)[1]
    with connect(
        f"wss://{NAME}/reading/socket", sock=socket.create_connection(("127.0.0.1", proxied)), ssl=trusting,
        origin=f"https://{NAME}", additional_headers={"Cookie": cookie}, proxy=None,
    ) as page:  # fmt: skip
        assert '"is": "room"' in page.recv(30)
        page.send('{"do": "agree"}')
        assert page.recv(30)
