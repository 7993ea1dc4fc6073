"""Sections of notebook 8 only: reading times, and readers compared with the gate of the study plan."""

import pandas as pd

from helpers.figures.times import times as times_figure
from helpers.results import Results
from helpers.stats import times as reading_times
from helpers.stats.crossed import THESE


def times(results: Results, rows: pd.DataFrame) -> None:
    """Geometric means by source, their ratios, and how times change over a session."""
    timed, log_scale = reading_times.timed(rows), "t interval on the log scale"
    if timed.empty:
        results.say("These readings have no active times.")
        return
    means = results.keep(
        "times",
        lambda: reading_times.geometric_means(rows, ["source"]),
        "realism.{source}.seconds",
        f"geometric mean, {log_scale}",
        "seconds",
    )
    results.table(means, ["source"], "seconds", title="Seconds", decimals=1)
    results.show(
        "time_ratios",
        lambda: reading_times.source_ratios(rows),
        ["first", "second"],
        "realism.seconds_ratio.{first}_over_{second}",
        f"ratio of geometric means, {log_scale}",
        "ratio",
        title="Ratio of times",
        nothing="One source only.",
    )
    results.show(
        "learning",
        lambda: reading_times.learning(rows, 100).assign(change="100 trials later"),
        ["change"],
        "realism.seconds_ratio.per_100_trials",
        "mean of readers' slopes of log time",
        "ratio",
        title="Ratio of times",
    )
    seconds = timed.assign(seconds=timed["active_ms"] / 1000)[["source", "seconds"]]
    results.draw("times", times_figure, seconds, means, reading_times.by_position(rows))


def beside_the_gate(results: Results, by_source: pd.DataFrame, readings: str | None) -> None:
    """Readers' accuracy compared with what the encoding of the files alone reveals (notebook 6)."""
    if readings is not None:
        results.say("The gate of notebook 06 belongs to the images of the run, not to those of another table.")
        return
    gate = pd.read_csv(results.stage.after("06_study_plan") / "encoder_gate_by_source.csv")
    gate = gate.rename(columns={"auc": "value"}).assign(judge="encoding alone", conclusion=THESE)
    beside = pd.concat([by_source.assign(judge="readers"), gate]).sort_values("source", kind="stable")
    results.keep("beside_the_gate", beside)
    results.forest("gate", beside, ["source", "judge"], "Chance to name the right one")
