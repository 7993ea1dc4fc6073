"""Every public data set, from its own layout to a cohort; and what is of reports and boxes stays out of the room."""

import numpy as np
import pytest
from made_up_archives import (
    make_brax,
    make_chexpert,
    make_chexpert_plus,
    make_nih,
    make_openi,
    make_padchest,
    make_rsna,
    make_vindr,
)

from helpers.cohort.build import build
from helpers.cohort.settings import Settings
from helpers.findings import Findings
from helpers.tables import BOXES, cohort_schema, read_table

EFFUSION, PNEUMONIA = Findings.from_section(["pleural_effusion"]), Findings.from_section(["pneumonia"])
ARCHIVES = {
    "brax": make_brax,
    "chexpert": make_chexpert,
    "chexpert_plus": make_chexpert_plus,
    "nih_cxr14": make_nih,
    "openi": make_openi,
    "padchest": make_padchest,
    "rsna_pneumonia": make_rsna,
    "vindr_cxr": make_vindr,
}
IMAGES = {"brax": 6, "chexpert": 9, "padchest": 11}  # of twelve; the others are of other views
TEXTS = ("chexpert_plus", "openi", "padchest")
BOXED = ("nih_cxr14", "rsna_pneumonia", "vindr_cxr")


@pytest.mark.parametrize("kind", ARCHIVES)
def test_an_archive_becomes_a_cohort_of_one_finding(kind, tmp_path):
    findings = PNEUMONIA if kind == "rsna_pneumonia" else EFFUSION
    values = {"kind": kind, "folder": ARCHIVES[kind](tmp_path / kind), "findings": findings, "size": 16, "workers": 1}
    build(Settings(**values), tmp_path / "cohort")
    table = read_table(tmp_path / "cohort" / "cohort.csv", cohort_schema(findings))
    assert len(table) == IMAGES.get(kind, 12)
    assert set(table[findings.names[0]].dropna()) >= {0, 1}
    assert ("text" in table) == (kind in TEXTS)
    assert (np.ptp(np.load(tmp_path / "cohort" / "images.npy"), axis=(1, 2)) > 100).all()
    written = tmp_path / "cohort" / "boxes.csv"
    assert written.is_file() == (kind in BOXED)
    if written.is_file():
        assert set(read_table(written, BOXES)["image_id"]) <= set(table["image_id"])
