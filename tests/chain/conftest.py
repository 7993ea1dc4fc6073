"""One finished study for all files here: made once, whichever process is first, and copied for each file.

Snakemake knows by its path what it made, so that only the file that takes the study where it was made can change it.
"""

import shutil
from pathlib import Path

import pytest
from filelock import FileLock
from small_study import RUN, study

from helpers.runs import Run

HOUR = 3600


@pytest.fixture(scope="session")
def made_here(tmp_path_factory):
    """The workspace in which the study was made; ``said`` in it is what the command said, beside it is a copy."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / "made-here"
    with FileLock(f"{folder}.lock", timeout=HOUR):
        if not _copy(folder).exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("HELPERS_WORKSPACE", str(folder))
                (folder / "said").write_text(study(folder, RUN))
            shutil.copytree(folder, _copy(folder))
    return folder


def _copy(folder: Path) -> Path:
    return folder.with_name("undisturbed")


@pytest.fixture(scope="module")
def folder(made_here, tmp_path_factory):
    """A workspace of the file's own, with a copy of the finished study."""
    path = tmp_path_factory.mktemp("study") / "workspace"
    shutil.copytree(_copy(made_here), path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELPERS_WORKSPACE", str(path))
        yield path


@pytest.fixture(scope="module")
def finished(folder):
    """The run of the finished study."""
    return Run(RUN)
