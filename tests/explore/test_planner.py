from dataclasses import replace

import pytest

from helpers.explore.planner import PUBLISHED, Asked, PlannerView, pilot_of, planned, scaled
from helpers.stats.crossed import THESE
from helpers.stats.mrmc.sample_size import power

VAN_DYKE = Asked(readers=10, cases=165, difference=0.0438)


def test_the_published_example_has_its_published_power():
    assert (
        "10 readers, 165 cases of each source: power 0.81, for readers like these." in planned(PUBLISHED, VAN_DYKE)[1]
    )
    assert "Power 0.80 with 10 readers: 163 cases of each source." in planned(PUBLISHED, VAN_DYKE)[1]


def test_variances_are_multiplied_where_asked():
    known = scaled(PUBLISHED, replace(VAN_DYKE, reader_factor=2.0, case_factor=0.5))
    assert known.treatment_reader == pytest.approx(2 * PUBLISHED.treatment_reader)
    assert known.error == pytest.approx(PUBLISHED.error / 2) and known.cases == PUBLISHED.cases


def test_a_run_is_its_own_pilot_and_without_one_a_published_study_is(material):
    pilot, origin = pilot_of(material)
    assert pilot != PUBLISHED and origin == "Pilot: this run, Real and GAN."
    assert pilot_of(None)[0] == PUBLISHED and "Van Dyke" in pilot_of(None)[1]


def test_the_picture_follows_a_slider():
    view = PlannerView(PUBLISHED, "published")
    before = view.picture.note
    view.controls["readers"].value = 20
    assert view.picture.note != before and view.picture.note.startswith("20 readers, 114 cases")
    view.controls["conclusion"].value = THESE
    assert "for these readers" in view.picture.note


def test_what_no_number_of_cases_reaches_is_said():
    asked = replace(VAN_DYKE, readers=2, difference=0.01)
    assert float(power(PUBLISHED, 0.01, 2, 100_000)) < 0.8
    assert "no number of cases suffices" in planned(PUBLISHED, asked)[1]
