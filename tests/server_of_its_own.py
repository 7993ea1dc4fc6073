"""A PostgreSQL server for tests, with everything it writes in a temporary folder."""

import contextlib
import itertools
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path


def programs() -> Path:
    """Folder of the server's programs, the newest where there are several."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else Path(shutil.which("initdb") or "initdb").parent


@contextlib.contextmanager
def postgresql_server() -> Iterator[Callable[[], str]]:
    """A server while the block lasts; yields what makes an empty database there and returns its address."""
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
    control = [programs() / "pg_ctl", "-D", folder / "data", "-w", "-l", folder / "log"]
    subprocess.run([*control, "-o", options, "start"], **quiet)
    numbers = itertools.count()

    def new_database() -> str:
        name = f"readings_{next(numbers)}"
        subprocess.run([programs() / "createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "owner", name], **quiet)
        return f"postgresql://owner@127.0.0.1:{port}/{name}"

    try:
        yield new_database
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **quiet)
        shutil.rmtree(folder)
