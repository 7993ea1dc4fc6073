"""What benchmarks/README.md says of faults is what their log says."""

import pandas as pd

from helpers.runs import PROJECT

LOG = pd.read_csv(PROJECT / "benchmarks" / "faults.csv")
README = (PROJECT / "benchmarks" / "README.md").read_text()


def test_every_fault_was_made_good_or_ended_in_an_error_that_names_the_damaged_file():
    stopped = LOG[LOG["afterwards"] != "equal"]
    assert set(stopped["fault"]) <= {"damaged file"}
    assert stopped["afterwards"].str.match(r"(CheckpointError|ImageError): /study/").all()
    assert f"After {len(LOG) - len(stopped)} faults the same command finished. After {len(stopped)}," in README


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
