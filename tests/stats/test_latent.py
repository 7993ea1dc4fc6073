"""The latent model: what it gives, and what it refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.errors import StatisticsError
from helpers.stats.latent import Latent, describe, expected_score, mean_of


@given(st.floats(0.02, 0.98), st.floats(0, 1))
def test_the_mean_gives_the_accuracy_asked_for(accuracy, half_width):
    band = (-half_width, half_width)
    assert expected_score(mean_of(accuracy, band), band) == pytest.approx(accuracy)


def test_impossible_shares_are_refused():
    with pytest.raises(StatisticsError, match="sum below 1"):
        Latent(reader=0.5, reader_by_source=0.3, case=0.3, thresholds=(-0.1, 0.1))
    with pytest.raises(StatisticsError, match="rising order"):
        Latent(reader=0.1, reader_by_source=0.1, case=0.1, thresholds=(0.1, -0.1))


def test_shares_add_up_to_one():
    table = describe(Latent(0.1, 0.05, 0.2, (-0.3, 0.3)), "assumed")
    assert table["share"].sum() == pytest.approx(1) and set(table["origin"]) == {"assumed"}


def test_what_a_case_has_in_one_source_alone_is_a_share_of_its_own():
    model = Latent(0.1, 0.05, 0.2, (-0.3, 0.3), case_by_source=0.15)
    assert model.rest == pytest.approx(0.5)
    table = describe(model, "fitted").set_index("name")["share"]
    assert table["case_by_source"] == 0.15 and table.sum() == pytest.approx(1)
