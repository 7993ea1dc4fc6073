import pytest
from made_up_run import make_run
from matplotlib.figure import Figure

from helpers.explore import cases


def test_executed_by_a_program_the_cases_are_a_picture_with_their_number(made_up):
    page = cases("tiny", answer=["wrong"])
    assert "264 answers, by 2 readers. Readers are simulated." in page.parts[0].data
    assert isinstance(page.parts[1], Figure)
    assert (made_up.figures / "images" / "13_explore_cases.png").is_file()


def test_images_of_patients_never_enter_the_notebook(workspace):
    run = make_run(cohort="csv")
    page = cases("tiny")
    assert not any(isinstance(part, Figure) for part in page.parts)
    assert str(run.figures / "images" / "13_explore_cases.png") in page.parts[1].data


@pytest.mark.parametrize("stage", ["06_study_plan", "07_reading"])
def test_what_is_missing_is_said(workspace, stage):
    run = make_run()
    for file in run.stage_folder(stage).glob("*.csv"):
        file.unlink()
    assert stage in cases("tiny").parts[0].data
