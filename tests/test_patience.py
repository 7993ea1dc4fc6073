"""What is slow is waited for, what hangs is not."""

import subprocess
import sys
import time

import pytest
from patience import told_by, wait_for


def begun(folder, code):
    words = [sys.executable, "-c", code]
    return subprocess.Popen(words, cwd=folder, start_new_session=True, text=True, stdout=subprocess.PIPE)


def test_what_changes_files_is_waited_for_much_longer_than_it_may_be_idle(tmp_path):
    process = begun(tmp_path, "import time\nfor i in range(20): time.sleep(0.1); open('log', 'a').write('x')")
    wait_for(lambda: (tmp_path / "log").exists() and (tmp_path / "log").stat().st_size == 20, process, tmp_path, 1)
    assert told_by(process, tmp_path) == ""


def test_what_hangs_is_killed(tmp_path):
    process, began = begun(tmp_path, "import time; time.sleep(600)"), time.monotonic()
    with pytest.raises(AssertionError, match="no file of .* has changed for 0.5 s"):
        wait_for(lambda: False, process, tmp_path, 0.5)
    assert process.returncode < 0 and time.monotonic() - began < 60


def test_what_ends_too_early_is_told_with_its_last_words(tmp_path):
    with pytest.raises(AssertionError, match="it ended too early: no room"):
        wait_for(lambda: False, begun(tmp_path, "print('no room')"), tmp_path)


def test_everything_that_is_said_is_told_however_much_it_is(tmp_path):
    assert told_by(begun(tmp_path, "print('x' * 1_000_000)"), tmp_path) == "x" * 1_000_000 + "\n"
