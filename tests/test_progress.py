import json

from helpers.progress import PROGRESS_FILE, Progress, said_file, tell, track


def test_the_chain_can_read_how_far_a_stage_is(tmp_path, monkeypatch):
    monkeypatch.setenv(PROGRESS_FILE, str(tmp_path / "progress.json"))
    with Progress("training", 100, "images", done=40) as progress:
        progress.update(10, note="loss 0.5")
    line = json.loads((tmp_path / "progress.json").read_text())
    assert line == {"label": "training", "done": 50, "total": 100, "unit": "images", "note": "loss 0.5"}


def test_track_hands_on_every_item(tmp_path, monkeypatch):
    monkeypatch.setenv(PROGRESS_FILE, str(tmp_path / "progress.json"))
    assert list(track(range(5), "counting")) == [0, 1, 2, 3, 4]
    assert json.loads((tmp_path / "progress.json").read_text())["done"] == 5


def test_what_the_user_should_know_is_told_in_the_notebook_and_to_the_chain(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv(PROGRESS_FILE, raising=False)
    tell("outside the chain")
    monkeypatch.setenv(PROGRESS_FILE, str(tmp_path / "progress.json"))
    tell("slow")
    tell("slower")
    assert capsys.readouterr().out.splitlines() == ["outside the chain", "slow", "slower"]
    assert said_file(tmp_path / "progress.json").read_text().splitlines() == ["slow", "slower"]
