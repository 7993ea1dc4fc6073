"""What benchmarks/README.md says of faults is what their log says."""

import pandas as pd

from helpers.runs import PROJECT

LOG = pd.read_csv(PROJECT / "benchmarks" / "faults.csv")
README = (PROJECT / "benchmarks" / "README.md").read_text()


def test_every_fault_was_made_good():
    assert LOG["afterwards"].eq("equal").all()


def test_every_seed_is_there_once():
    assert LOG["seed"].is_unique


def test_the_page_counts_what_the_log_holds():
    is_sitting = LOG["stage"] == "reading"
    assert f"of each of {len(LOG)} seeds" in README
    assert f"{is_sitting.sum()} sittings and {(~is_sitting).sum()} stages" in README


def test_the_table_counts_every_fault():
    counts = pd.crosstab(LOG["fault"], LOG["stage"] == "reading")
    for fault in counts.index:
        sittings, stages = counts.loc[fault, True], counts.loc[fault].get(False, 0)
        assert f"| {fault} | {sittings} | {'-' if fault == 'database cut' else stages} |" in README
