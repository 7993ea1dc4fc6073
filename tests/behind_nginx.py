"""A real nginx with the configuration of ``docs/hosting.md`` and a certificate made for it, which can be cut and start
again."""

import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from helpers.runs import PROJECT

PROGRAM = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")  # where only root looks
NAME = "study.example.org"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def certificate(folder: Path) -> tuple[Path, Path]:
    """Files of a certificate for the name in the page, and of its key."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is not installed")
    files = folder / "fullchain.pem", folder / "privkey.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={NAME}"]
    command += ["-addext", f"subjectAltName=DNS:{NAME}", "-out", files[0], "-keyout", files[1]]
    subprocess.run(command, check=True, capture_output=True)
    return files


class Nginx:
    """Passes what comes to ``port`` by TLS on to a server of the room at ``host`` (name:port), below /reading/."""

    def __init__(self, folder: Path, host: str):
        if PROGRAM is None:
            pytest.skip("nginx is not installed (Debian: apt install nginx)")
        self.folder, self.port, self.certificate = folder, free_port(), certificate(folder)
        text = re.search(r"```nginx\n(.*?)```", (PROJECT / "docs" / "hosting.md").read_text(), re.DOTALL)[1]
        for there, here in (
            ("listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl"),
            (f"/etc/letsencrypt/live/{NAME}/fullchain.pem", str(self.certificate[0])),
            (f"/etc/letsencrypt/live/{NAME}/privkey.pem", str(self.certificate[1])),
            ("127.0.0.1:8866", host),
        ):
            assert there in text
            text = text.replace(there, here)
        places = " ".join(f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy"))
        whole = f"pid {folder}/pid; error_log {folder}/log; events {{}} http {{ access_log off; {places} {text} }}"
        (folder / "nginx.conf").write_text(f"daemon off; master_process off; {whole}")

    def start(self) -> None:
        self.process = subprocess.Popen([PROGRAM, "-p", self.folder, "-c", self.folder / "nginx.conf"])
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.1)

    def cut(self) -> None:
        """End every connection at once, without a word to either side."""
        self.process.kill()
        self.process.wait(30)

    def __enter__(self) -> "Nginx":
        self.start()
        return self

    def __exit__(self, *exception) -> None:
        self.cut()
