"""A notebook's results whose shown things are kept."""

import pytest
from IPython.display import Markdown

from helpers.provenance import Stage
from helpers.results import Results
from helpers.runs import Run


@pytest.fixture
def results_of(workspace, shown):
    """Results of a stage for a table of readings from a file."""

    def make(stage, readings):
        begun = Stage(stage, Run("demo"), {"readings": "table.csv"})
        begun.folder.mkdir(parents=True)
        found = Results(begun, readings, None)
        shown.clear()
        return found

    return make


@pytest.fixture
def said(shown):
    """Sentences shown so far."""
    return lambda: [item.data for item in shown if isinstance(item, Markdown)]
