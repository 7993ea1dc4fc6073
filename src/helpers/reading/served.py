"""A server of pages, the reading room's or JupyterLab's, that runs for as long as it is needed."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from helpers.errors import RunError

PATIENCE = 120.0  # seconds; a busy machine starts a server slowly
LAST_WORDS = 2000  # characters


@contextmanager
def served(
    module: str,
    *arguments: str,
    folder: Path,
    ready: str = "/api",
    port: int = 0,
    environment: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Address of a server started by ``python -m module arguments``; it stops with the block. Port 0: any free one.

    It runs in ``folder``; the block begins when it gives any answer at the path ``ready``. Raises RunError with its
    last output if it stops before that or takes longer than two minutes.
    """
    port = port or _free_port()
    command = [sys.executable, "-m", module, *arguments, f"--port={port}", "--no-browser"]
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        server = subprocess.Popen(command, cwd=folder, env=os.environ | (environment or {}), stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{port}"
            if not _answers(address + ready, server):
                log.seek(0)
                raise RunError(f"{module}: no answer at {address}{ready}; its last words: {log.read()[-LAST_WORDS:]}")
            yield address
        finally:
            server.terminate()
            server.wait(timeout=60)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _answers(address: str, server: subprocess.Popen) -> bool:
    deadline = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(address, timeout=2)
        except urllib.error.HTTPError:
            return True
        except OSError:
            time.sleep(0.2)
        else:
            return True
    return False
