"""The choice of one image among m: its proportion right, and the d' behind it."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.special import ndtri
from scipy.stats import norm

from helpers.errors import StatisticsError
from helpers.stats.choice import (
    LARGEST,
    WITHOUT_LIMIT,
    accuracy,
    accuracy_by_part,
    choices_in,
    proportion_right,
    sensitivities,
    sensitivity,
)
from helpers.stats.crossed import LIKE, THESE

REFERENCE = pd.read_csv(Path(__file__).parents[1] / "reference" / "choice.csv")


@pytest.mark.parametrize("row", list(REFERENCE.itertuples(index=False)), ids=lambda row: f"{row[1]} of {row[0]}")
def test_d_prime_is_that_of_psyphy(row):
    assert sensitivity(row.proportion, row.alternatives) == pytest.approx(row.sensitivity, abs=2e-4)


@pytest.mark.parametrize("alternatives", [2, 3, 4])
@pytest.mark.parametrize("value", [-2.0, -0.3, 0.0, 0.5, 1.7, 4.0])
def test_the_proportion_is_the_integral_and_gives_d_prime_back(value, alternatives):
    by_quadrature = quad(lambda x: norm.pdf(x - value) * norm.cdf(x) ** (alternatives - 1), -np.inf, np.inf)[0]
    proportion = proportion_right(value, alternatives)
    assert proportion == pytest.approx(by_quadrature, abs=1e-8)
    assert sensitivity(proportion, alternatives) == pytest.approx(value, abs=1e-6)


def test_of_two_images_d_prime_has_its_closed_form():
    for proportion in (0.1, 0.5, 0.7, 0.95):
        assert sensitivity(proportion, 2) == pytest.approx(np.sqrt(2) * ndtri(proportion), abs=1e-9)


def test_an_observer_who_takes_the_strongest_evidence_is_right_that_often():
    evidence = np.random.default_rng(0).standard_normal((200_000, 3)) + [1.2, 0.0, 0.0]
    assert (evidence.argmax(axis=1) == 0).mean() == pytest.approx(proportion_right(1.2, 3), abs=0.004)


def test_guessing_is_no_sensitivity_and_all_right_has_no_limit():
    assert sensitivity(1 / 3, 3) == pytest.approx(0.0, abs=1e-9)
    assert sensitivity(1.0, 3) == np.inf and sensitivity(0.0, 4) == -np.inf and np.isnan(sensitivity(np.nan, 2))
    assert proportion_right(LARGEST, 4) < 1


@pytest.fixture
def rows():
    """Three readers, 40 cases of each source, right with d' 1 for gan, guessing for diffusion."""
    rng, lines = np.random.default_rng(1), []
    for source, chance in (("gan", proportion_right(1.0, 3)), ("diffusion", 1 / 3)):
        for case in range(40):
            for reader in ("ada", "ben", "eva"):
                finding = ("atelectasis", "lung_opacity")[case % 2]
                right = int(rng.random() < chance)
                cue = ("soft_tissue", "other")[int(rng.integers(2))]
                lines.append((reader, f"{source}-{case}", source, finding, right, cue))
    table = pd.DataFrame(lines, columns=["reader", "case", "source", "finding", "correct", "cue"])
    return table.assign(task="realism_choice_3", truth=1).astype({"correct": "Int64"})


def test_each_source_has_its_proportion_against_a_third_and_its_d_prime(rows):
    right = accuracy(rows, ["source"])
    found = sensitivities(right, "realism_choice_3").set_index(["source", "conclusion"])
    assert set(right.conclusion) == {THESE, LIKE}
    gan, diffusion = (found.loc[(source, THESE)] for source in ("gan", "diffusion"))
    assert gan.low < 1.0 < gan.high and gan.low > 0 and gan.p_value < 0.001
    assert diffusion.low < 0.0 < diffusion.high and diffusion.p_value > 0.05
    share = rows[rows.source == "gan"].correct.mean()
    assert gan.value == pytest.approx(sensitivity(share, 3))
    assert proportion_right(gan.low, 3) == pytest.approx(right.low[0], abs=1e-9)


def test_the_choices_of_a_table_are_found_and_their_lack_is_said(rows):
    whole = rows.assign(is_practice=False, repeat_of=None, reader_kind="human")
    assert {name: len(own) for name, own in choices_in(whole).items()} == {"realism_choice_3": len(rows)}
    with pytest.raises(StatisticsError, match="no readings to analyse"):
        choices_in(whole.assign(task="realism_pair"))


def test_where_every_answer_is_right_the_table_says_that_d_prime_has_no_upper_limit(rows):
    right = accuracy(rows.assign(correct=pd.array([1] * len(rows), "Int64")), ["source"])
    found = sensitivities(right, "realism_choice_3")
    assert (
        (found.value == np.inf).all() and np.isfinite(found.low).all() and found.note.str.endswith(WITHOUT_LIMIT).all()
    )


def test_the_parts_are_findings_and_cues_and_each_reading_is_in_one_of_each(rows):
    found = accuracy_by_part(rows)
    these = found[found.conclusion == THESE]
    assert these.groupby("by").readings.sum().to_dict() == {"cue": len(rows), "finding": len(rows)}
    assert set(these.part) == {"atelectasis", "lung_opacity", "soft_tissue", "other"}
    assert set(accuracy_by_part(rows.assign(cue=None)).by) == {"finding"}
