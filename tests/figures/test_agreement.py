import pandas as pd

from helpers.figures.agreement import agreement_dots
from helpers.stats.agreement import between_readers
from helpers.stats.readings import analysed


def test_what_cannot_be_estimated_has_a_row_but_no_dot(readings):
    rows = analysed(readings, "conditionality")
    whole = between_readers(rows, seed=1, resamples=10).assign(task="conditionality")
    alone = between_readers(rows[rows["reader"] == "reader-1"], seed=1, resamples=10).assign(task="conditionality")
    dots = [len(agreement_dots(pd.DataFrame(table), "source").axes[0].lines) for table in (whole, alone)]
    assert dots == [len(whole) + 1, 1]  # the line of chance is the one that is always there
