from dataclasses import replace

import pandas as pd
import pytest

from helpers.explore import decisions as decided
from helpers.explore.decisions import NOT_KNOWN
from helpers.study import frozen_plan

TASKS = ("realism_pair", "conditionality")


@pytest.fixture
def of_patients(material):
    """A run whose patients differ in age and sex, in a hospital of each."""
    cohort = material.cohort.copy()
    cohort["age"] = [30 + 10 * (place % 6) for place in range(len(cohort))]
    cohort["sex"] = ["F" if place % 2 else "M" for place in range(len(cohort))]
    material.cohort = cohort.assign(hospital=[f"hospital {place % 3}" for place in range(len(cohort))])
    return material


def test_every_column_of_the_cohort_whose_values_differ_makes_subgroups(of_patients):
    columns = decided.subgroups_of(of_patients)
    assert list(columns) == ["age", "sex", "hospital"]  # every view is PA; a path and a patient are no subgroup
    assert list(columns["age"].cat.categories) == ["under 40", "40 to under 65", "65 or more", NOT_KNOWN]
    assert list(columns["sex"].cat.categories) == ["F", "M", NOT_KNOWN]
    assert len(columns) == len(of_patients.readings)


def test_a_case_has_the_values_of_its_real_image_and_none_without_one(of_patients):
    columns, rows = decided.subgroups_of(of_patients), of_patients.readings
    sex = of_patients.cohort.set_index("image_id")["sex"]
    real = rows["case"].str.split("+").map(lambda images: [image for image in images if image in sex.index])
    assert list(columns["sex"]) == [sex[images[0]] if images else NOT_KNOWN for images in real]


def test_without_a_cohort_there_are_no_subgroups(material):
    material.cohort = None
    assert list(decided.subgroups_of(material)) == []
    assert decided.planned_of(material, TASKS, decided.subgroups_of(material)).groups == ()


def test_a_column_of_names_makes_no_subgroups(of_patients):
    count = len(of_patients.cohort)
    of_patients.cohort = of_patients.cohort.assign(hospital=[f"name {place}" for place in range(count)])
    assert "hospital" not in decided.subgroups_of(of_patients)


def test_each_task_has_its_own_margin_and_primary_questions(material, monkeypatch):
    content = {"08_realism.margin": 0.05, "08_realism.primary": ["difference"], "09_conditionality.margin": None}
    monkeypatch.setattr(frozen_plan, "read", lambda run: {"content": content})
    planned = decided.planned_of(material, TASKS, pd.DataFrame())
    assert (planned.margin, planned.area_margin) == (0.05, None)
    assert planned.primary == ("08_realism.difference", "09_conditionality.difference")
    assert decided.planned_of(material, ["conditionality"], pd.DataFrame()).primary == ("09_conditionality.difference",)


def test_what_differs_is_told_in_words(of_patients):
    planned = decided.planned_of(of_patients, TASKS, decided.subgroups_of(of_patients))
    groups = tuple((name, ("F",) if name == "sex" else levels) for name, levels in planned.groups)
    other = replace(planned, groups=groups, primary=("09_conditionality.auc",), area_margin=None)
    assert decided.changed(planned, planned) == []
    assert decided.changed(other, planned) == [
        "margin of areas (none, planned 0.1)",
        "primary questions (areas, planned right answers, differences in right answers, differences in areas)",
        f"sex (without M, {NOT_KNOWN})",
    ]
