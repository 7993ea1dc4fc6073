"""The record of a GPU trains both generators as the notebooks do; here for a moment on a CPU."""

import json
import sys

import pytest
import yaml

from helpers.runs import NOTEBOOKS, PROJECT

SMALL = {
    "02_train_gan": {"batch": 4, "width": 4, "widest": 16, "latent": 16, "mapping_layers": 1, "threads": 1},
    "03_train_diffusion": {
        "channels": [32, 32],
        "text_width": 32,
        "text_layers": 2,
        "blocks_per_level": 1,
        "batch": 4,
        "threads": 1,
    },
}


@pytest.fixture
def gpu(monkeypatch):
    monkeypatch.syspath_prepend(str(PROJECT / "benchmarks" / "generators"))
    import gpu

    return gpu


@pytest.fixture
def arguments(tmp_path, monkeypatch):
    given = yaml.safe_load((NOTEBOOKS / "params" / "gpu-256.yaml").read_text(encoding="utf-8"))
    for stage, changes in SMALL.items():
        given[stage] |= changes
    given["01_cohort"]["size"] = 32
    (tmp_path / "small.yaml").write_text(yaml.safe_dump(given), encoding="utf-8")
    options = {"seconds": 0.5, "phantoms": 400, "samples": 32, "snapshot-images": 8, "steps": 2, "peak-side": 128}
    options |= {"params": tmp_path / "small.yaml", "out": tmp_path / "out", "device": "cpu"}
    texts = [text for name, value in options.items() for text in (f"--{name}", str(value))]
    monkeypatch.setattr(sys, "argv", ["gpu.py", "--train-only", *texts])
    return tmp_path / "out" / "phantom"


def test_each_model_is_recorded_with_its_speed_and_work(gpu, arguments):
    gpu.main()
    for model in ("gan", "diffusion"):
        record = json.loads((arguments / model / "record.json").read_text())
        assert record["training_images"] >= 4
        assert record["gflop_per_image"] > 0
        reached = record["gflop_per_image"] * record["training_images_per_second"]  # thousand millions a second
        assert record["share_of_peak"] == pytest.approx(reached / 1000 / record["peak_tflop_per_second"])
        assert gpu.samples(arguments / model).shape == (32, 128, 128)
        assert (arguments / model / "snapshots.csv").is_file()


def test_what_was_recorded_is_not_trained_again(gpu, arguments, monkeypatch):
    for model in ("gan", "diffusion"):
        (arguments / model).mkdir(parents=True)
        (arguments / model / "record.json").write_text("{}")

    def again(*given):
        raise AssertionError("trained again")

    monkeypatch.setattr(gpu, "record", again)
    gpu.main()
