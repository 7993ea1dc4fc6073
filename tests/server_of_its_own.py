"""Servers of tests: PostgreSQL with everything it writes in a temporary folder, and which process serves an address."""

import contextlib
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest


def programs() -> Path:
    """Folder of the server's programs, the newest where there are several."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else Path(shutil.which("initdb") or "initdb").parent


def process_at(address: str) -> psutil.Process:
    """The process that serves at an address, which was told its port."""
    option = f"--port={urlsplit(address).port}"
    return next(process for process in psutil.process_iter(["cmdline"]) if option in (process.info["cmdline"] or ()))


def skip_without_postgresql() -> None:
    """Skip the test that asks where there is no driver, or no server to start."""
    pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'psycopg[binary]'")
    if not (programs() / "initdb").is_file():
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")


class Server:
    """A running server; called, it makes an empty database and returns its address."""

    def __init__(self, folder: Path, port: int, options: str, quiet: dict):
        self.port, self.options, self.quiet = port, options, quiet
        self.control = [programs() / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log"]
        self.numbers = itertools.count()

    def __call__(self) -> str:
        name = f"readings_{next(self.numbers)}"
        made = [programs() / "createdb", "-h", "127.0.0.1", "-p", str(self.port), "-U", "owner", name]
        subprocess.run(made, **self.quiet)
        return f"postgresql://owner@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        subprocess.run([*self.control, "-o", self.options, "start"], **self.quiet)

    def stop(self) -> None:
        """End it at once, as when its machine loses power: every connection is lost, and nothing is tidied up."""
        subprocess.run([*self.control, "-m", "immediate", "stop"], **self.quiet)


@contextlib.contextmanager
def postgresql_server() -> Iterator[Server]:
    """A server while the block lasts."""
    user = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        user = {"user": "postgres"}
        folder = Path(subprocess.check_output(["mktemp", "-d"], text=True, **user).strip())
    else:
        folder = Path(tempfile.mkdtemp())
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "cwd": "/", "check": True} | user
    subprocess.run([programs() / "initdb", "-D", folder / "data", "-U", "owner", "--auth=trust"], **quiet)
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=120"
    options += "" if "HELPERS_TESTS_ON_DISK" in os.environ else " -c fsync=off"
    server = Server(folder, port, options, quiet)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
