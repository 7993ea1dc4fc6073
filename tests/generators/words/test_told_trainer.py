"""A step follows the gradient, slowly at first, never by what is no number; what is said follows from seed and step."""

import pytest
import torch
from told_line import Line

from helpers.errors import TrainingError


def test_a_step_follows_the_gradient_and_counts_images():
    line = Line()
    measured = line.train_step()
    assert measured == {"loss": 4.0, "learning_rate": 0.1}
    assert line.weight == pytest.approx(0.1) and (line.steps, line.images) == (1, 4), "the gradient is clipped to 1"


def test_the_learning_rate_rises_over_the_warmup():
    line = Line(warmup_images=16)
    assert [line.train_step()["learning_rate"] for _ in range(5)] == pytest.approx([0.025, 0.05, 0.075, 0.1, 0.1])


def test_the_learning_rate_falls_to_nothing_over_the_last_part_of_the_budget():
    line, rates = Line(falling=0.5), []
    for line.spent in (0.0, 0.5, 0.625, 0.75, 0.875, 1.0):
        rates.append(line.train_step()["learning_rate"])
    assert rates == pytest.approx([0.1, 0.1, 0.0853553, 0.05, 0.0146447, 0.0], abs=1e-6)


def test_a_loss_that_is_no_number_stops_the_training_and_leaves_the_weights():
    line = Line()
    line.train_step()
    before, line.aim = line.weight, float("nan")
    with pytest.raises(TrainingError, match="step 2.*lower learning_rate"):
        line.train_step()
    assert line.weight == before and line.steps == 1


def test_what_is_said_follows_from_seed_and_step_and_is_of_report_or_labels():
    states = torch.tensor([[1, 0, -1, -1]] * 4, dtype=torch.int8)
    line, other = Line(), Line(seed=2)
    assert line.words(states) == Line().words(states) != other.words(states)
    said = set()
    for line.steps in range(60):
        said.update(line.words(states))
    assert "" in said and "Left pleural effusion." in said
    assert not any("silhouette" in text or "heart" in text for text in said), "of blank labels nothing is said"


def test_a_row_of_the_log_is_the_mean_loss_and_the_last_learning_rate():
    line = Line(warmup_images=8)
    row = line.summarise([line.train_step(), line.train_step()])
    assert row["learning_rate"] == 0.1 and 3 < row["loss"] < 4 and line.note(row) == f"loss {row['loss']:.3f}"
