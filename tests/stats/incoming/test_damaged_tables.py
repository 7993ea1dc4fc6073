"""Whatever has happened to a file of readings: it is read, or a StudyError says what is wrong."""

import contextlib
import shutil

import pandas as pd
import pytest
from damage import DAMAGES, damaged
from hypothesis import HealthCheck, given, settings

from helpers import stats
from helpers.errors import StudyError
from helpers.runs import PROJECT

EXAMPLES = sorted((PROJECT / "data" / "examples").glob("*.csv"))


@pytest.fixture(scope="module", params=[*(path.name for path in EXAMPLES), "long.xlsx", "long.parquet"])
def file(request, tmp_path_factory):
    """A sound file of readings of each form."""
    path = tmp_path_factory.mktemp("tables") / request.param
    table = pd.read_csv(PROJECT / "data" / "examples" / "long.csv") if path.suffix != ".csv" else None
    if path.suffix == ".xlsx":
        table.to_excel(path, index=False)
    elif path.suffix == ".parquet":
        table.to_parquet(path)
    else:
        shutil.copy(PROJECT / "data" / "examples" / path.name, path)
    return path


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(DAMAGES)
def test_damaged_it_is_read_or_the_error_says_so(file, damage):
    with damaged(file, damage), contextlib.suppress(StudyError):
        assert len(stats.load(file))
