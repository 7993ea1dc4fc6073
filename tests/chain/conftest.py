"""One finished study for all files here: made once, whichever process is first, and copied for each file."""

import shutil

import pytest
from filelock import FileLock
from small_study import RUN, study

from helpers.runs import Run

HOUR = 3600


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """The workspace of a finished study that no test touches; ``said`` in it is what the command said."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / "undisturbed"
    with FileLock(f"{folder}.lock", timeout=HOUR):
        said = folder / "said"
        if not said.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            with pytest.MonkeyPatch.context() as patch:
                patch.setenv("HELPERS_WORKSPACE", str(folder))
                said.write_text(study(folder, RUN))
    return folder


@pytest.fixture(scope="module")
def folder(undisturbed, tmp_path_factory):
    """A workspace of the file's own, with a copy of the finished study."""
    path = tmp_path_factory.mktemp("study") / "workspace"
    shutil.copytree(undisturbed, path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HELPERS_WORKSPACE", str(path))
        yield path


@pytest.fixture(scope="module")
def finished(folder):
    """The run of the finished study."""
    return Run(RUN)
