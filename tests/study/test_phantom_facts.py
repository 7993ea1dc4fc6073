"""Facts of phantoms reach the readings of single real images, and nothing else."""

import numpy as np
import pandas as pd

from helpers.findings import ORIGINAL
from helpers.study.phantom_facts import phantom_facts, phantom_truth
from helpers.tables import write_table

NAMES = ORIGINAL.names

TRUTH = pd.DataFrame(
    {"image_id": ["p1", "p2"], "ctr": [0.46, 0.55], **{f"severity_{name}": [0.0, 0.4] for name in NAMES}}
)
PLAN = pd.DataFrame(
    {
        "trial_id": ["a", "b", "c", "d"],
        "source": ["real", "real", "gan", "gan"],
        "images": ["p1", "p2", "g1", "g1|p2"],
        "finding": ["pleural_effusion", "atelectasis", "atelectasis", "atelectasis"],
    }
)


def test_single_phantoms_have_severity_and_ratio(tmp_path):
    write_table(TRUTH, tmp_path / "phantom_truth.csv")
    facts = phantom_facts(PLAN, phantom_truth(tmp_path))
    np.testing.assert_allclose(facts.loc[["a", "b"]], [[0.0, 0.46], [0.4, 0.55]])


def test_of_synthetic_images_and_pairs_nothing_is_known(tmp_path):
    write_table(TRUTH, tmp_path / "phantom_truth.csv")
    assert phantom_facts(PLAN, phantom_truth(tmp_path)).index.tolist() == ["a", "b"]


def test_a_cohort_of_patients_has_no_such_truth(tmp_path):
    assert phantom_truth(tmp_path) is None
