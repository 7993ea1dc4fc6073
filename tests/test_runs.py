import pytest

from helpers.errors import RunError
from helpers.runs import STAGES, Run


@pytest.mark.parametrize("name", ["a/b", "../up", "", ".hidden", "two words", "a\\b", "semi;colon"])
def test_a_run_name_that_is_no_plain_folder_name_is_refused(name):
    with pytest.raises(RunError, match="RUN="):
        Run(name)


def test_a_run_lies_in_the_workspace_and_each_stage_has_a_manifest_of_its_own(workspace):
    run = Run("pilot-1")
    assert run.folder == workspace / "data" / "runs" / "pilot-1"
    assert len({run.manifest(stage) for stage in STAGES}) == 12
