"""Findings of a notebook: written, recorded, shown and drawn in one call, or one line why not."""

import json

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from IPython.display import Markdown

from helpers import results as module
from helpers.errors import StatisticsError
from helpers.figures.style import finding_title, use_findings
from helpers.findings import Findings
from helpers.provenance import Stage
from helpers.results import Results, attempted, for_each, is_known, why_not
from helpers.runs import Run
from helpers.stats.crossed import LIKE, THESE

LINES = [("gan", THESE, 0.6, 0.5, 0.7, 48, ""), ("gan", LIKE, 0.6, np.nan, np.nan, 48, "not estimable: one reader")]
TABLE = pd.DataFrame(LINES, columns=["source", "conclusion", "value", "low", "high", "readings", "note"])


def refused():
    raise StatisticsError("no reader read both")


@pytest.fixture
def results(workspace, readings, shown):
    """Results of a stage of an empty run, its banner taken away."""
    stage = Stage("08_realism", Run("demo"), {})
    stage.folder.mkdir(parents=True)
    found = Results(stage, readings, True)
    shown.clear()
    return found


def sentences(shown: list) -> list[str]:
    return [item.data for item in shown if isinstance(item, Markdown)]


def test_a_table_is_written_recorded_and_shown_with_both_conclusions(results, shown):
    results.show("accuracy", TABLE, ["source"], "realism.{source}.accuracy", "a method", title="Right")
    pd.testing.assert_frame_equal(pd.read_csv(results.stage.folder / "accuracy.csv").fillna({"note": ""}), TABLE)
    assert [number["name"] for number in results.stage.results] == [
        "realism.gan.accuracy",
        "realism.gan.accuracy.readers_like_these",
    ]
    table, note = shown
    assert table.loc["GAN", ("These readers", "95 % interval")] == "0.50 to 0.70"
    assert note.data == "a: not estimable: one reader"


def test_a_table_by_its_conclusion_is_a_list(results, shown):
    results.table(TABLE, ["source", "conclusion"], without=["readings", "unknown"])
    assert shown[0].index.names == ["Source", "Conclusion"] and "Readings" not in shown[0]


def test_what_raises_a_statistics_error_is_one_line_and_leaves_no_file_of_an_earlier_run(results, shown):
    (results.stage.folder / "accuracy.csv").write_text("of an earlier run")
    results.show("accuracy", refused, ["source"], "realism.{source}.accuracy")
    assert sentences(shown) == ["Not estimable: no reader read both."] and len(shown) == 1
    assert results.stage.results == [] and not (results.stage.folder / "accuracy.csv").exists()


def test_a_mistake_in_the_code_is_not_hidden(results):
    with pytest.raises(KeyError):
        results.show("accuracy", lambda: {}["missing"], ["source"])


def test_a_table_without_any_value_is_one_line_with_its_notes_and_is_kept(results, shown):
    table = TABLE.assign(value=np.nan, note="not estimable: no absent cases")
    results.show("auc", table, ["source"], "realism.{source}.auc")
    results.forest("auc", table, ["source"], "Area")
    assert sentences(shown) == ["Not estimable: no absent cases."] and len(shown) == 1
    assert len(results.stage.results) == 2 and (results.stage.folder / "auc.csv").is_file()
    assert not results.stage.run.figures.exists()


def test_an_empty_table_is_one_line(results, shown):
    results.show("differences", TABLE.head(0), ["source"])
    assert sentences(shown) == [module.NOTHING] and len(shown) == 1


def test_a_figure_is_saved_with_the_sizes_of_its_rows_and_the_saved_picture_is_shown(
    results, shown, readings, monkeypatch
):
    figures = []
    monkeypatch.setattr(plt, "close", figures.append)
    results.about(readings[readings["task"] == "realism_pair"].head(2))
    results.forest("accuracy", TABLE, ["source"], "Right")
    (picture,), (figure,) = shown, figures
    assert picture.data == (results.stage.run.figures / "08_realism_accuracy.png").read_bytes()
    assert "2 readings. Simulated readers, phantom images" in figure.texts[-1].get_text()


def test_groups_that_cannot_be_estimated_are_named_and_the_others_shown(results, shown):
    table = for_each({"first": 1, "second": 2}, lambda rows: TABLE if rows == 1 else refused())
    assert set(table["task"]) == {"first"}
    results.table(table, ["task", "source"])
    assert sentences(shown)[0] == "Not estimable: no reader read both." and len(shown) == 3


@pytest.mark.parametrize(
    ("table", "known", "reason"),
    [
        (TABLE, True, ""),
        (TABLE.drop(columns="value"), True, ""),
        (TABLE.head(0), False, module.NOTHING),
        (TABLE.assign(value=np.nan), False, "Not estimable: one reader."),
        (attempted(refused), False, "Not estimable: no reader read both."),
    ],
)
def test_what_is_missing_has_a_reason(table, known, reason):
    assert is_known(table) == known and why_not(table) == reason


def test_the_answer_says_what_was_recorded_and_otherwise_that_there_is_none(results, shown):
    results.answer()
    results.keep("accuracy", TABLE, "realism.{source}.accuracy")
    results.answer()
    nothing, something = sentences(shown)
    assert "do not allow one" in nothing and "60 % of trials (50 to 70 %)" in something


def test_a_notebook_begins_with_what_its_readings_are(workspace, readings, tmp_path, shown):
    use_findings(Findings.from_section([{"name": "edema", "title": "Of another run", "code": "AR"}]))
    readings.to_csv(tmp_path / "other.csv", index=False)
    namespace = {"run": "demo", "readings": str(tmp_path / "other.csv"), "task": "realism_pair", "undetermined": "half"}
    namespace |= {"primary": [], "margin": None, "formula": None, "scale": None, "real": None, "moderators": {}}
    results = Results.begin("08_realism", namespace)
    assert len(results.readings) == len(readings) and "external table" in results.origin
    assert "external table" in sentences(shown)[0] and finding_title("edema") == "Pulmonary oedema"
    results.finish()
    assert "Tables in `data/runs/demo/stats/realism`" in sentences(shown)[-2]
    assert json.loads(results.stage.run.manifest("08_realism").read_text())["parameters"]["task"] == "realism_pair"
