"""A plan is frozen before the first reading counts; afterwards nothing overwrites it, and what changed is listed."""

import json

import pandas as pd
import pytest
import yaml

from helpers.runs import Run
from helpers.study import frozen_plan
from helpers.study.answer import Answer
from helpers.study.desk import Desk
from helpers.study.frozen_plan import EXCLUSIONS, answers_that_count, changes, freeze, path_of, read, statement
from helpers.study.store import Store
from helpers.tables import PLAN, write_table

STAGE = "09_conditionality"
RAN_WITH = {STAGE: {"run": "pilot", "readings": None, "undetermined": "half", "primary": ["difference"], "margin": 0.1}}


def plan_of(readers=("reader-1", "reader-2"), case="case") -> pd.DataFrame:
    """One practice trial and two others for each reader and the guest."""
    row = {"task": "conditionality", "finding": "atelectasis", "present": 1, "source": "gan"}
    rows = [
        row | {"reader": reader, "trial_id": f"{reader}-{case}-{n}", "images": f"{case}-{n}", "case": f"{case}-{n}"}
        | {"position": n, "is_practice": n == 1}
        for reader in (*readers, "guest")
        for n in (1, 2, 3)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(PLAN.columns))


@pytest.fixture(autouse=True)
def steady(monkeypatch):
    """Clocks that tick at every look, and code that does not depend on today's notebooks."""
    moments = (f"2026-11-27T15:{minute:02d}:00+00:00" for minute in range(60))
    monkeypatch.setattr(frozen_plan, "_now", lambda: next(moments))
    monkeypatch.setattr(frozen_plan, "statistics_code", lambda stage: "code-1")
    monkeypatch.setattr(frozen_plan, "_code_of_notebook", lambda stage: "cells-1")
    monkeypatch.setattr(frozen_plan, "notebook_parameters", of_notebooks)
    monkeypatch.delenv("HELPERS_DATABASE", raising=False)
    monkeypatch.delenv("HELPERS_PARAMS", raising=False)


def of_notebooks(stage):
    return {
        STAGE: RAN_WITH[STAGE],
        "07_reading": {"readers_are": "human", "count_readers": "finished", "database": ""},
    }[stage]


@pytest.fixture
def run(workspace):
    made = Run("pilot")
    plan_again(made, plan_of())
    return made


def plan_again(run, plan):
    write_table(plan, run.stage_folder("06_study_plan") / "plan.csv", PLAN)


@pytest.fixture
def params(tmp_path):
    """A function that writes a params file with these parameters of the notebook that analyses."""

    def write(readers_are="human", **analysis):
        path = tmp_path / "my.yaml"
        path.write_text(yaml.safe_dump({STAGE: analysis, "07_reading": {"readers_are": readers_are}}))
        return path

    return write


def answer(run, plan, reader="reader-1", kind="human", trials=2):
    desk = Desk(Store(run.database, plan), plan, reader, kind)
    for number in range(trials):
        desk.answer(desk.current.trial_id, f"s{number}", Answer(1))


def readings(readers=("reader-1", "reader-2"), kind="human"):
    return pd.DataFrame({"reader": readers, "reader_kind": kind})


def ran_with(**analysis):
    return {STAGE: RAN_WITH[STAGE] | analysis}


def test_what_was_decided_is_frozen_with_its_date_digest_and_code(run, params):
    frozen = freeze(run, params(margin=0.05, primary=["auc"]))
    content = frozen["content"]
    assert (content[f"{STAGE}.margin"], content[f"{STAGE}.primary"]) == (0.05, ["auc"])
    assert (content[f"{STAGE}.undetermined"], content["readers_are"]) == ("half", "human")
    assert content["readers"] == ["reader-1", "reader-2"] and content["exclusions"] == EXCLUSIONS
    assert content["trials_per_reader"] == {"conditionality": 2}
    assert (content[f"{STAGE}.statistics"], content[f"{STAGE}.cells"]) == ("code-1", "cells-1")
    assert f"{STAGE}.run" not in content and f"{STAGE}.readings" not in content
    assert frozen["answers_before"] == 0 and len(frozen["digest"]) == 64
    assert read(run) == json.loads(path_of(run).read_text()) == frozen


def test_the_same_plan_keeps_its_date(run, params):
    first = freeze(run, params(margin=0.05))
    assert freeze(run, params(margin=0.05)) == first


def test_before_the_first_reading_a_change_is_frozen_anew_and_the_earlier_version_stays(run, params):
    first = freeze(run, params(margin=0.05))
    second = freeze(run, params(margin=0.2))
    assert second["content"][f"{STAGE}.margin"] == 0.2 and second["frozen_at"] > first["frozen_at"]
    assert second["earlier"] == [{name: first[name] for name in ("frozen_at", "digest", "content")}]
    assert "replaces earlier versions (27 November 2026, 15:00 UTC)" in statement(run, changes(run, {}, readings()))


def test_without_a_params_file_what_was_decided_before_is_kept(run, params):
    freeze(run, params(margin=0.05))
    plan_again(run, plan_of(case="other"))
    frozen = freeze(run)
    assert frozen["content"][f"{STAGE}.margin"] == 0.05 and len(frozen["earlier"]) == 1


def test_the_params_file_of_the_chain_is_found(run, params, monkeypatch):
    monkeypatch.setenv("HELPERS_PARAMS", str(params(margin=0.3)))
    assert freeze(run)["content"][f"{STAGE}.margin"] == 0.3


def test_practice_and_the_guest_do_not_count_but_the_first_answer_of_a_person_does(run):
    plan = plan_of()
    assert answers_that_count(run.database, plan) == 0
    answer(run, plan, trials=1)
    answer(run, plan, "guest", trials=2)
    assert answers_that_count(run.database, plan) == 0
    answer(run, plan, "reader-2", trials=2)
    assert answers_that_count(run.database, plan) == 1


def test_simulated_answers_count_for_their_own_plan_only_as_another_plan_drops_them(run):
    answer(run, plan_of(), kind="simulated")
    assert answers_that_count(run.database, plan_of()) == 1
    assert answers_that_count(run.database, plan_of(case="other")) == 0
    more = plan_of(("reader-1", "reader-2", "reader-3"))
    assert answers_that_count(run.database, more) == 0, "the same trials, and those of a reader added later"


def test_answers_of_people_to_another_plan_count(run):
    answer(run, plan_of())
    assert answers_that_count(run.database, plan_of(case="other")) == 2  # which were practice is no longer known


def test_after_the_first_reading_nothing_overwrites_it_and_the_change_is_listed_with_its_moment(run, params):
    first = freeze(run, params(margin=0.1))
    answer(run, plan_of())
    assert freeze(run, params(margin=0.2)) == first
    (row,) = changes(run, ran_with(margin=0.2), readings()).to_dict("records")
    assert (row["key"], row["frozen"], row["present"]) == (f"{STAGE}.margin", "0.1", "0.2")
    again = changes(run, ran_with(margin=0.2), readings())
    assert again["since"].tolist() == [row["since"]], "the moment is that of the first look"
    assert "One entry differs from it since: 09_conditionality.margin." in statement(run, again)


def test_a_change_and_its_way_back_both_stay_on_record(run, params):
    freeze(run, params(margin=0.1))
    changes(run, ran_with(margin=0.2), readings())
    assert changes(run, ran_with(), readings()).empty
    record = pd.read_csv(run.folder / "frozen_plan_changes.csv")
    assert record["present"].tolist() == [0.2, 0.1]


def test_unchanged_it_is_said_to_be_as_frozen(run, params):
    frozen = freeze(run, params(margin=0.1))
    said = statement(run, changes(run, ran_with(), readings()))
    digest = frozen["digest"][:12]
    assert said == f"Analysed as frozen on 27 November 2026, 15:00 UTC (digest {digest}), before the first reading."


def test_changed_code_is_said_and_not_refused(run, params, monkeypatch):
    freeze(run, params(margin=0.1))
    monkeypatch.setattr(frozen_plan, "statistics_code", lambda stage: "code-2")
    (row,) = changes(run, ran_with(), readings()).to_dict("records")
    assert (row["key"], row["frozen"], row["present"]) == (f"{STAGE}.statistics", '"code-1"', '"code-2"')


def test_readers_who_were_added_or_are_missing_are_listed(run, params):
    freeze(run, params(margin=0.1))
    assert changes(run, ran_with(), readings(("reader-2", "reader-1"))).empty, "their order does not matter"
    (row,) = changes(run, ran_with(), readings(("reader-1", "reader-3"))).to_dict("records")
    assert (row["frozen"], row["present"]) == ('["reader-1", "reader-2"]', '["reader-1", "reader-3"]')


def test_simulated_readers_in_place_of_people_are_listed(run, params):
    freeze(run, params(margin=0.1))
    (row,) = changes(run, ran_with(), readings(kind="simulated")).to_dict("records")
    assert (row["key"], row["present"]) == ("readers_are", '"simulated"')


def test_a_new_plan_after_people_have_read_is_listed(run, params):
    freeze(run, params(margin=0.1))
    answer(run, plan_of())
    plan_again(run, plan_of(("reader-1", "reader-2", "reader-3")))
    freeze(run, params(margin=0.1))
    assert changes(run, ran_with(), readings())["key"].tolist() == ["plan"]


def test_a_plan_frozen_after_answers_were_given_says_so(run, params):
    answer(run, plan_of(), trials=3)
    freeze(run, params(margin=0.1))
    assert "when 2 answers had been given: not in advance" in statement(run, changes(run, ran_with(), readings()))


def test_a_frozen_plan_that_was_edited_by_hand_says_so(run, params):
    freeze(run, params(margin=0.1))
    edited = read(run)
    edited["content"][f"{STAGE}.margin"] = 0.2
    path_of(run).write_text(json.dumps(edited))
    assert "its digest does not fit" in statement(run, changes(run, ran_with(margin=0.2), readings()))


def test_a_run_without_a_frozen_plan_says_so(run):
    table = changes(run, ran_with(), readings())
    assert table.empty and "No plan was frozen in this run" in statement(run, table)


@pytest.mark.parametrize(("module", "changes_it"), [("stats/mrmc/areas.py", True), ("figures/forest.py", False)])
def test_a_change_of_a_figure_is_no_change_of_the_analysis(module, changes_it, monkeypatch, request):
    monkeypatch.undo()  # the code of today
    before = frozen_plan.statistics_code(STAGE)
    request.getfixturevalue("edit")(module)
    assert (frozen_plan.statistics_code(STAGE) != before) == changes_it
