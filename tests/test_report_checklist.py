"""The reporting table: item numbers, what the run says, and the authors' words, which a new report keeps."""

import json
import re

import pandas as pd
import pytest

from helpers.findings import ORIGINAL
from helpers.report_checklist import ITEMS, checklist, markdown, path_of
from helpers.report_facts import Facts
from helpers.runs import Run
from helpers.tables import PLAN, READINGS, SAMPLES, cohort_schema, write_table

COHORT = cohort_schema(ORIGINAL)


@pytest.fixture
def run(workspace, readings):
    """A run with the tables and manifests that the facts are taken from."""
    made = Run("pilot")
    parameters = {
        "01_cohort": {"cohort": "mimic_cxr", "size": 256, "views": ["PA"], "split": "patient"},
        "06_study_plan": {"split": "test", "tasks": ["realism_pair", "conditionality"]},
        "07_reading": {},
        "08_realism": {"primary": ["accuracy"], "margin": 0.1, "undetermined": "half", "readings": None},
    }
    for stage, own in parameters.items():
        made.stage_folder(stage).mkdir(parents=True)
        manifest = {"parameters": own, "helpers": "0.1.0", "python": "3.12.1", "lock_sha256": "f" * 64}
        made.manifest(stage).write_text(json.dumps(manifest | {"git": {"commit": "abc1234567890"}}))
    people = [("p1", "train", "F", 40), ("p2", "train", "M", 60), ("p3", "test", "F", 70)]
    images = [
        dict.fromkeys(COHORT.columns) | {"image_id": p, "path": f"{p}.png", "patient_id": p, "split": split, "sex": sex}
        | {"age": age} for p, split, sex, age in people
    ]  # fmt: skip
    ORIGINAL.write(made.findings)
    write_table(pd.DataFrame(images), made.stage_folder("01_cohort") / "cohort.csv", COHORT)
    sample = dict.fromkeys(SAMPLES.columns) | {"image_id": "g1", "path": "g1.png", "source": "gan", "present": 1}
    sample |= {"finding": "atelectasis", "checkpoint": "0123456789abcdef"}
    write_table(pd.DataFrame([sample]), made.stage_folder("04_sample") / "samples.csv", SAMPLES)
    write_table(readings.assign(reader_kind="human"), made.stage_folder("07_reading") / "readings.csv", READINGS)
    number = {"name": "realism.gan.accuracy", "value": 0.7, "low": 0.6, "high": 0.8, "n": 9, "method": "m"}
    (made.stage_folder("08_realism") / "results.json").write_text(json.dumps([number]))
    return made


def answer(table: pd.DataFrame, begins: str) -> str:
    (found,) = table.loc[table["item"].str.startswith(begins), "run"]
    return found


def test_no_item_is_asked_twice_and_no_number_is_unknown():
    numbers = []
    for item in ITEMS:
        for part in filter(None, re.split(r", ", item.stard)):
            first, *end = re.findall(r"\d+", part)
            numbers += [part] if not end else [str(n) for n in range(int(first), int(end[0]) + 1)]
    assert len(set(numbers)) == len(numbers)
    assert all(1 <= int(re.match(r"\d+", number)[0]) <= 30 for number in numbers)
    assert len({item.asks for item in ITEMS}) == len(ITEMS), "authors' words are kept by these"


def test_the_run_fills_in_what_it_knows(run):
    table = checklist(run)
    assert "accuracy; margin 0.1" in answer(table, "Aims")
    assert "GAN: 0123456789ab" in answer(table, "Generators")
    assert "train 2, validate 0, test 1 images" in answer(table, "Training, validation")
    assert "helpers 0.1.0, commit abc123456789, Python 3.12.1" in answer(table, "Software")
    assert "GAN picked out 0.70 (0.60 to 0.80)" in answer(table, "Estimates")
    assert "train: 50 ± 14 years, 50% women" in answer(table, "Who the patients")
    assert answer(table, "The reading:").startswith("Readers: 3 human.")
    assert answer(table, "Planned before").startswith("No plan was frozen before the readings.")


def test_calls_are_counted_by_truth(run, readings):
    own = readings[(readings["task"] == "conditionality") & ~readings["is_practice"] & readings["repeat_of"].isna()]
    own = own[(own["source"] == "gan") & (own["truth"] == 1)]
    said = answer(checklist(run), "Calls by truth")
    assert f"GAN {(own['rating'] > 0).sum()} of {len(own)} present" in said


def test_trials_of_the_plan_without_a_reading_are_counted(run, readings):
    plan = readings.rename(columns={"truth": "present"}).assign(images="a|b", reader="reader-1")
    plan["images"] = plan["images"].where(plan["task"] == "realism_pair", "a")
    plan = plan.reindex(columns=list(PLAN.columns))
    extra = plan.iloc[:3].assign(trial_id=["x1", "x2", "x3"])
    write_table(pd.concat([plan, extra]), run.stage_folder("06_study_plan") / "plan.csv", PLAN)
    assert answer(checklist(run), "Readings that are missing").startswith("3 of ")


def test_what_authors_wrote_stays_when_the_report_is_made_again(run):
    table = checklist(run)
    assert table.loc[table["stard"] == "30", "authors"].tolist() == [""]
    written = pd.read_csv(path_of(run), dtype=str, keep_default_na=False)
    written.loc[written["stard"] == "30", "authors"] = "Nobody | paid."
    written.to_csv(path_of(run), index=False)
    again = checklist(run)
    assert again.loc[again["stard"] == "30", "authors"].tolist() == ["Nobody | paid."]
    text = path_of(run).with_suffix(".md").read_text()
    assert "| 30 | Funding, and the part of those who paid |  | Nobody / paid. |" in text


def test_markdown_has_a_line_to_write_on_only_where_the_authors_must(run):
    table = checklist(run)
    lines = markdown(table, "pilot").splitlines()[6:]
    assert [line.endswith("| ______ |") for line in lines] == (table["authors_must"] == "yes").tolist()


def test_phantoms_and_simulated_readers_are_named(run, readings):
    manifest = json.loads(run.manifest("01_cohort").read_text())
    manifest["parameters"]["cohort"] = "phantom"
    run.manifest("01_cohort").write_text(json.dumps(manifest))
    write_table(readings, run.stage_folder("07_reading") / "readings.csv", READINGS)
    facts = Facts(run)
    assert "no patients" in facts.cohort() and "Phantoms: nobody" in facts.identity()
    assert facts.reading().startswith("Readers: 3 simulated") and "Phantoms show the method only" in facts.limits()
