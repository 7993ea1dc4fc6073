"""Sections of notebook 8 alone."""

import pandas as pd

from helpers.sections import realism
from helpers.stats.proportions import accuracy
from helpers.stats.readings import analysed


def test_times_are_recorded_by_source_and_over_the_session(results_of, readings):
    results = results_of("08_realism", readings)
    results.draw = lambda *_, **__: None
    realism.times(results, analysed(readings, "realism_pair"))
    found = {number["name"] for number in results.stage.results}
    assert {"realism.gan.seconds", "realism.seconds_ratio.gan_over_diffusion"} <= found


def test_readings_without_times_have_none(results_of, readings, said):
    rows = analysed(readings, "realism_pair").assign(active_ms=pd.NA)
    realism.times(results_of("08_realism", readings), rows)
    assert said() == ["These readings have no active times."]


def test_readers_stand_beside_the_gate_of_their_own_run_only(results_of, readings, said, workspace):
    by_source = accuracy(analysed(readings, "realism_pair"), ["source"])
    results = results_of("08_realism", readings)
    realism.beside_the_gate(results, by_source, "table.csv")
    assert "not to those of another table" in said()[0]
    folder = results.stage.run.stage_folder("06_study_plan")
    folder.mkdir(parents=True)
    gate = pd.DataFrame({"source": ["gan", "diffusion"], "auc": [0.5, 0.6], "low": [0.4, 0.5], "high": [0.6, 0.7]})
    gate.to_csv(folder / "encoder_gate_by_source.csv", index=False)
    results.stage.after = lambda stage: folder
    results.forest = lambda *_, **__: None
    realism.beside_the_gate(results, by_source, None)
    beside = pd.read_csv(results.stage.folder / "beside_the_gate.csv")
    assert beside.groupby("judge").size().to_dict() == {"encoding alone": 2, "readers": 4}
