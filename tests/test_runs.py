import pytest

from helpers.errors import RunError
from helpers.runs import STAGES, Run, stages_with
from helpers.tasks import TASKS


@pytest.mark.parametrize("name", ["a/b", "../up", "", ".hidden", "two words", "a\\b", "semi;colon"])
def test_a_run_name_that_is_no_plain_folder_name_is_refused(name):
    with pytest.raises(RunError, match="RUN="):
        Run(name)


def test_a_run_lies_in_the_workspace_and_each_stage_has_a_manifest_of_its_own(workspace):
    run = Run("pilot-1")
    assert run.folder == workspace / "data" / "runs" / "pilot-1"
    assert len({run.manifest(stage) for stage in STAGES}) == len(STAGES)


def test_a_notebook_of_a_task_belongs_to_the_studies_that_ask_it():
    assert "08_realism_choice" not in stages_with(["realism_pair", "conditionality"])
    assert set(STAGES) - set(stages_with(["realism_choice_3"])) == {"08_realism", "09_conditionality"}
    assert stages_with(["no such task", *TASKS]) == list(STAGES)
