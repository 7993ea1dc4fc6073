"""What the terminal shows of stages at work."""

import json
import os
import time

from helpers.runs import Run
from helpers.terminal import Terminal, clock


def test_the_clock_counts_minutes():
    assert [clock(s) for s in (0, 59.9, 61, 3600)] == ["0:00", "0:59", "1:01", "60:00"]


def test_one_line_covers_every_stage_at_work_and_none_that_was_killed(workspace, capfd):
    with Terminal(Run("pilot"), "05_image_metrics") as terminal:
        (terminal.folder / "02_train_gan.pid").write_text(f"{os.getpid()} {time.time() - 61}")
        (terminal.folder / "03_train_diffusion.pid").write_text(f"{2**30} {time.time()}")
        now = {"done": 1200, "total": 4000, "label": "Training", "unit": "steps", "note": "loss 0.1"}
        (terminal.folder / "02_train_gan.json").write_text(json.dumps(now))
        lines = terminal._running()
    assert lines == ["02_train_gan 1:01 Training 1,200/4,000 steps, loss 0.1", "05_image_metrics 0:00"]
    assert "> 05_image_metrics" in capfd.readouterr().err
