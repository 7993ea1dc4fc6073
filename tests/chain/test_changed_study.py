"""A finished study whose parameters change."""

import pytest
import yaml
from interruptions import manifests
from small_study import RUN, TEST_PARAMS, start, study

from helpers.runs import STAGES

pytestmark = pytest.mark.chain


def test_a_changed_statistics_parameter_re_executes_only_what_lies_behind_it(finished, folder):
    sections = yaml.safe_load(TEST_PARAMS.read_text())
    sections["10_agreement_cues"]["resamples"] += 1
    params = folder / "changed.yaml"
    params.write_text(yaml.safe_dump(sections))
    before = manifests(finished)
    study(folder, RUN, params)
    after = manifests(finished)
    assert {stage for stage in STAGES if before[stage] != after[stage]} == {"10_agreement_cues", "12_report"}


def test_a_failing_stage_says_where_and_the_study_exits_with_an_error(finished, folder):
    sections = yaml.safe_load(TEST_PARAMS.read_text())
    sections["06_study_plan"]["pairs_per_cell"] = 999
    params = folder / "greedy.yaml"
    params.write_text(yaml.safe_dump(sections))
    process = start(folder, RUN, params)
    said, _ = process.communicate(timeout=300)
    assert process.returncode != 0
    assert "06_study_plan.ipynb, cell" in said and "PlanError" in said and "999" in said
    assert not finished.manifest("06_study_plan").exists()
