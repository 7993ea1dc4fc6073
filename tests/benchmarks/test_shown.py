"""The benchmark of the generators compares like with like, and its page shows the committed numbers."""

import subprocess
import sys

import pandas as pd
import pytest

from helpers.runs import PROJECT

FOLDER = PROJECT / "benchmarks" / "generators"


@pytest.fixture
def shown(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    import shown

    return shown


def lines(*given):
    names = ["data", "model", "seed", "frechet"]
    rest = dict.fromkeys(
        ["kernel", "training_images_per_second", "sampled_images_per_second", "peak_memory_mb", "budget_seconds"], 1.0
    )
    return pd.DataFrame(given, columns=names).assign(**rest)


def test_ours_is_set_against_the_best_peer_of_its_own_kind(shown):
    results = lines(
        ("phantoms", "training images", 0, 0.5),
        ("phantoms", "gan", 1, 2.0),
        ("phantoms", "gan", 2, 4.0),
        ("phantoms", "stylegan2-pytorch", 1, 6.0),
        ("phantoms", "stylegan2-pytorch", 2, 5.0),
        ("phantoms", "diffusion", 1, 9.0),
        ("phantoms", "denoising-diffusion-pytorch", 1, 30.0),
        ("phantoms", "diffusers-unet", 1, 18.0),
    )
    found = shown.against_best_peer(results).set_index("model")
    assert found.loc["gan", "peer"] == "stylegan2-pytorch"
    assert found.loc["gan", "ratio"] == pytest.approx(3.0 / 5.5)
    assert found.loc["gan", "worst"] == pytest.approx(4.0 / 5.0)
    assert found.loc["diffusion", "peer"] == "diffusers-unet"
    assert found.loc["diffusion", "ratio"] == pytest.approx(0.5)


def test_a_model_without_a_rival_there_is_not_compared(shown):
    assert shown.against_best_peer(lines(("phantoms", "gan", 1, 2.0), ("phantoms", "diffusers-unet", 1, 2.0))).empty


def test_models_stand_in_one_order_whenever_they_were_measured(shown):
    models = ["gan", "stylegan2-pytorch", "diffusion", "diffusers-unet"]
    late = lines(*(("phantoms", model, 1, 2.0) for model in reversed(models)))
    assert list(shown.by_model(late).index.get_level_values("model")) == models


def test_training_images_are_a_line_and_no_model_of_the_figure(shown):
    results = lines(("phantoms", "training images", 0, 0.5), ("phantoms", "gan", 1, 2.0))
    assert list(shown.by_model(results).index.get_level_values("model")) == ["gan"]
    axis = shown.results_figure(results, "note").axes[0]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["GAN, this project"]
    assert any(list(line.get_xdata()) == [0.5, 0.5] for line in axis.lines)


def test_the_page_runs_on_the_committed_numbers(tmp_path):
    command = [sys.executable, "-m", "papermill", "--cwd", FOLDER, FOLDER / "results.ipynb", tmp_path / "page.ipynb"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
