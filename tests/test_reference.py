"""The tables that tests compare with: each with its source, and none outside the repository."""

import re

import pytest

from helpers.runs import PROJECT

REFERENCE = PROJECT / "tests" / "reference"
OUTWARDS = re.compile(r"PROJECT\.parent|PROJECT / \"\.\.\"|: \.\./")


def test_every_table_stands_in_the_list_of_sources():
    listed = set(re.findall(r"`(\w+\.(?:csv|R|py))`", (REFERENCE / "README.md").read_text(encoding="utf-8")))
    assert listed == {path.name for path in REFERENCE.rglob("*.*") if path.suffix in (".csv", ".R", ".py")}


@pytest.mark.parametrize("folder", ["tests", "scripts", "benchmarks", "notebooks/params"])
def test_no_path_leads_out_of_the_repository(folder):
    files = [path for path in (PROJECT / folder).rglob("*") if path.suffix in (".py", ".yaml")]
    leading = {path.name for path in files if OUTWARDS.search(path.read_text(encoding="utf-8"))}
    assert leading <= {"test_reference.py"}
