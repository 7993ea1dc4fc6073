"""Says at the end how much memory every process of the tests took at most, and the largest that it started."""

import resource
import sys

import pytest

UNIT = 1 if sys.platform == "darwin" else 1024  # bytes, of what the system tells


def peaks() -> tuple[float, float]:
    """Most GiB that this process held, and the largest of those it started and waited for."""
    return tuple(
        resource.getrusage(who).ru_maxrss * UNIT / 2**30 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )


class PeakMemory:
    """Gathers the peaks of the workers, or of the one process where there are none."""

    def __init__(self):
        self.found: dict[str, tuple[float, float]] = {}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node, error):
        self.found[node.gateway.id] = getattr(node, "workeroutput", {}).get("peaks", (float("nan"),) * 2)

    def pytest_terminal_summary(self, terminalreporter):
        for name, (own, started) in sorted((self.found or {"tests": peaks()}).items()):
            terminalreporter.write_line(f"peak memory of {name}: {own:.2f} GiB, of what it started {started:.2f} GiB")


def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(PeakMemory())


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["peaks"] = peaks()
