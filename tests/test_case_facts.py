"""Moderators and planned trials: from the run's tables, or from the table that the user gives."""

import pandas as pd
import pytest

from helpers.case_facts import analysis_of_marks, planned, with_moderators
from helpers.errors import StatisticsError
from helpers.findings import ORIGINAL
from helpers.provenance import Stage
from helpers.runs import Run
from helpers.stats.readings import analysed
from helpers.tables import PLAN, cohort_schema, write_table

COHORT = cohort_schema(ORIGINAL)


@pytest.fixture
def stage(workspace):
    """A stage of a run that has a cohort of one patient for each real image of the readings, and no more."""
    made = Stage("08_realism", Run("demo"), {})
    for earlier in ("01_cohort", "06_study_plan"):
        made.run.stage_folder(earlier).mkdir(parents=True)
        made.run.manifest(earlier).write_text("{}")
    return made


@pytest.fixture
def rows(readings):
    return analysed(readings, "realism_pair")


def test_moderators_of_a_run_are_those_of_the_real_image(stage, rows):
    ids = sorted(set(rows["case"].str.split("+").str[1]))
    image = dict.fromkeys(COHORT.columns) | {"split": "test", "view": "AP"}
    images = [image | {"image_id": i, "path": i, "patient_id": i, "sex": "FM"[n % 2]} for n, i in enumerate(ids)]
    ORIGINAL.write(stage.run.findings)
    write_table(pd.DataFrame(images), stage.run.stage_folder("01_cohort") / "cohort.csv", COHORT)
    found = with_moderators(stage, rows, None, ["sex"])
    sexes = {i: "FM"[n % 2] for n, i in enumerate(ids)}
    assert found["sex"].tolist() == rows["case"].str.split("+").str[1].map(sexes).tolist()
    assert set(found["view"]) == {"AP"}
    assert "cohort/manifest.json" in stage.inputs


@pytest.mark.parametrize("separator", [",", ";"])
def test_moderators_of_another_table_are_its_own_columns(stage, rows, tmp_path, separator):
    file = tmp_path / "mine.csv"
    rows.assign(Scanner=rows["case"].str[-1]).to_csv(file, index=False, sep=separator)
    found = with_moderators(stage, rows, str(file), ["scanner", "sex"])
    assert found["scanner"].tolist() == rows["case"].str[-1].tolist() and "sex" not in found
    assert stage.inputs == {}


def test_trials_of_a_run_are_those_of_its_plan_and_those_of_a_table_its_crossing(stage, readings, rows):
    plan = readings.rename(columns={"truth": "present"}).assign(images="a|b")
    plan["images"] = plan["images"].where(plan["task"] == "realism_pair", "a")
    write_table(plan.reindex(columns=list(PLAN.columns)), stage.run.stage_folder("06_study_plan") / "plan.csv", PLAN)
    assert len(planned(stage, rows.iloc[:5], None)) == len(rows)
    some = rows[rows["source"] == "gan"].iloc[1:]
    assert len(planned(stage, some, "mine.csv")) == len(some) + 1


def test_marks_are_analysed_against_a_table_of_boxes_for_the_sources_that_it_has(stage, readings, tmp_path):
    rows = analysed(readings, "conditionality")
    rows = rows[rows["finding"] == "atelectasis"].assign(mark_y=0.5)
    rows["mark_x"] = (rows["rating"] > 0).map({True: 0.4}).astype(float)
    boxes = rows.loc[(rows["source"] == "gan") & (rows["truth"] == 1), ["case"]].drop_duplicates()
    rows["mark_y"] = rows["mark_y"].where(rows["mark_x"].notna())
    path = tmp_path / "boxes.csv"
    boxes.assign(lesion=1, x=0.45, y=0.5, width=0.2, height=0.2).to_csv(path, index=False)
    found = analysis_of_marks(stage, rows, "table.csv", str(path))
    assert set(found["compared"]) == {"gan"} and found["value"].between(0, 1).all()
    assert {"weighted AFROC", "LROC area", "LROC PCL"} <= set(found["figure"])
    boxes.assign(lesion=1, x=0.8, y=0.5, width=0.2, height=0.2).to_csv(path, index=False)
    missed = analysis_of_marks(stage, rows, "table.csv", str(path))
    at = found["figure"].str.startswith("LROC")
    assert (missed.loc[missed["figure"] == "LROC PCL", "value"] == 0).all()
    assert (missed.loc[at, "value"] < found.loc[at, "value"]).all()
    with pytest.raises(StatisticsError, match="have no region"):
        analysis_of_marks(stage, rows.assign(source="real"), "table.csv", None)
