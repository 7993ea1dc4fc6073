"""What is measured on phantoms follows the truth put in, and a source that ignores the request is seen."""

import numpy as np
import pandas as pd
import pytest
import torch

from helpers.cohort.phantom import render
from helpers.findings import ORIGINAL
from helpers.image_metrics import physics
from helpers.image_metrics.comparison import Halves

NAMES = ORIGINAL.names

HALVES = Halves(repeats=20)


class Drawn(torch.nn.Module):
    """Outlines of a fixed chest: thorax 40 pixels wide and 30 high, a heart as wide as the gray level says."""

    def forward(self, images):
        logits = torch.full((len(images), 3, 64, 64), -20.0)
        logits[:, 0, 10:40, 10:50] = 20
        for place, image in enumerate(images):
            width = int(round(float(image[0, 0, 0]) * 255))
            logits[place, 1, 20:30, 15 : 15 + width] = 20
            logits[place, 2, 35:40, 10:16] = 20
        return logits


def test_widths_and_areas_are_those_of_the_outlines():
    images = np.zeros((3, 64, 64), dtype=np.uint8) + np.array([10, 20, 25], dtype=np.uint8)[:, None, None]
    found = physics.measure(Drawn(), images)
    np.testing.assert_allclose(found["ctr"], [0.25, 0.5, 0.625], atol=1e-3)
    np.testing.assert_allclose(found["effusion_area"], 30 / 1200, atol=1e-3)


def test_outlines_learned_from_phantoms_tell_large_hearts_and_effusions():
    train = pd.DataFrame({"image_id": [f"phantom-{i:06d}" for i in range(128)]})
    network = physics.learn_outlines(train, 1, 64, physics.Outlining(images=128, epochs=20), seed=1)
    states = [{"enlarged_cardiac_silhouette": x, "pleural_effusion": x} for x in (0.0, 0.9)]
    images = [[np.rint(render(2, i, s, size=64).image * 255).astype(np.uint8) for i in range(12)] for s in states]
    absent, present = (physics.measure(network, np.stack(part)) for part in images)
    assert (present["ctr"] > absent["ctr"]).mean() > 0.9
    assert present["effusion_area"].mean() > 1.5 * absent["effusion_area"].mean()


@pytest.fixture
def study():
    """Real and obedient images whose measures follow the label or request, and a deaf source."""
    rng = np.random.default_rng(0)
    real = pd.DataFrame({name: pd.array(rng.integers(0, 2, 80), dtype="Int64") for name in NAMES})
    real["patient_id"] = [f"p{i // 2}" for i in range(80)]
    rows = [(s, f, p) for s in ("obedient", "deaf") for f in physics.MEASURES for p in (0, 1) for _ in range(15)]
    samples = pd.DataFrame(rows, columns=["source", "finding", "present"])
    samples["image_id"] = [f"s{i}" for i in range(len(samples))]
    shown = np.where(samples["source"] == "deaf", 0, samples["present"])

    def values(present, n):
        return 0.45 + 0.15 * present + rng.normal(0, 0.02, n)

    real_values = {m: values(real[f].to_numpy(dtype=float), 80) for f, m in physics.MEASURES.items()}
    made_values = {m: values(shown, len(samples)) for m in physics.MEASURES.values()}
    return real, pd.DataFrame(real_values), samples, pd.DataFrame(made_values)


def test_a_deaf_source_makes_no_difference_and_an_obedient_one_does(study):
    table = physics.physics_table(physics.by_cell(*study, ORIGINAL), HALVES, seed=1).set_index(
        ["source", "metric", "present"]
    )
    for measure in physics.MEASURES.values():
        rows = table.xs(f"{measure}_difference", level="metric").droplevel("present")
        assert rows.loc["deaf", "low"] < 0 < rows.loc["deaf", "high"]
        assert rows.loc["obedient", "low"] > 0.1 and rows.loc["real", "low"] > 0.1
    assert table.loc[("obedient", "ctr", 1), "n"] == 15


def test_intervals_hold_the_mean(study):
    table = physics.physics_table(physics.by_cell(*study, ORIGINAL), HALVES, seed=1)
    assert (table["low"] < table["value"]).all() and (table["value"] < table["high"]).all()


def test_measures_are_checked_against_the_truth_put_in():
    held_out = pd.DataFrame({"image_id": ["b", "a", "c"]})
    truth = pd.DataFrame({"image_id": ["a", "b", "c"], "ctr_image": [0.4, 0.5, 0.6]})
    truth["effusion_volume_fraction"] = [0.0, 0.1, 0.3]
    measured = pd.DataFrame({"ctr": [0.5, 0.41, 0.6], "effusion_area": [0.01, 0.2, 0.0]})
    found = physics.accuracy_of_measures(measured, held_out, truth).set_index("measure")["rank_correlation"]
    assert found["ctr"] == pytest.approx(1) and found["effusion_area"] == pytest.approx(-1)
