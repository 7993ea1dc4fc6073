import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import spearmanr

from helpers.cohort.phantom.anatomy import build_chest
from helpers.cohort.phantom.disease import (
    CO_OCCURRENCE,
    ECS,
    LO,
    PE,
    atelectasis,
    draw_disease,
    draw_states,
    effusion,
    lung_opacity,
    volume_loss,
)
from helpers.cohort.phantom.grid import make_grid
from helpers.cohort.phantom.patient import draw_patient
from helpers.errors import ParameterError
from helpers.findings import ORIGINAL

NAMES = ORIGINAL.names

AT = "atelectasis"


def disease_of(index, findings=None):
    return draw_disease(np.random.default_rng([6, index]), findings)


def chest_of(disease, index=1):
    patient = draw_patient(np.random.default_rng([7, index]))
    return build_chest(make_grid(128), patient, disease.ctr, volume_loss(disease), [0.5] * 24)


def test_the_co_occurrence_table_is_a_distribution_with_the_stated_prevalences_and_associations():
    table = np.array(list(CO_OCCURRENCE.values())).reshape(2, 2, 2, 2)  # (AT, LO, PE, ECS)
    assert table.sum() == pytest.approx(1.0) and table.min() > 0
    prevalence = [table.sum(axis=tuple(a for a in range(4) if a != k))[1] for k in range(4)]
    assert prevalence == pytest.approx([0.295, 0.35, 0.305, 0.345])
    assert table[1, :, 1, :].sum() > 1.5 * prevalence[0] * prevalence[2]
    assert table[:, :, 1, 1].sum() > 1.4 * prevalence[2] * prevalence[3]


def test_states_are_drawn_from_the_table():
    generator = np.random.default_rng(1)
    drawn = [tuple(draw_states(generator).values()) for _ in range(4000)]
    for states, probability in CO_OCCURRENCE.items():
        assert drawn.count(states) / 4000 == pytest.approx(probability, abs=4 * math.sqrt(probability / 4000))


@given(index=st.integers(0, 10**6))
def test_the_label_of_a_large_heart_is_its_ratio_and_severities_are_in_range(index):
    disease = disease_of(index)
    assert (disease.ctr > 0.5) == bool(disease.present(ECS))
    assert 0.3 < disease.ctr < 0.7
    assert all(0 <= disease.severity[name] <= 1 for name in NAMES)


def test_ratios_with_and_without_a_large_heart_meet_at_one_half():
    ratios = np.array([disease_of(index).ctr for index in range(1500)])
    assert ((ratios > 0.47) & (ratios <= 0.5)).sum() > 50 and ((ratios > 0.5) & (ratios < 0.53)).sum() > 50


def test_hearts_without_the_finding_do_not_crowd_at_the_limit():
    usual = np.array([disease_of(index, {}).ctr for index in range(1500)])
    assert usual.max() <= 0.5 and ((usual > 0.495) & (usual <= 0.5)).mean() < 0.08


def test_asked_states_and_severities_are_given_and_names_left_out_are_absent():
    disease = disease_of(2, {AT: 1, LO: 0.4, PE: 0})
    assert disease.present(AT) == 1 and disease.severity[LO] == 0.4
    assert disease.present(PE) == 0 and disease.present(ECS) == 0
    assert disease_of(2, {AT: 1}).plates == disease.plates


@pytest.mark.parametrize(
    ("findings", "words"),
    [({"atelektasis": 1}, "no such finding"), ({AT: 7}, "= 7"), ({AT: -0.5}, "-0.5"), ({AT: "yes"}, "yes")],
)
def test_what_cannot_be_asked_for_is_named(findings, words):
    with pytest.raises(ParameterError, match=words):
        disease_of(1, findings)


@pytest.mark.parametrize("index", range(6))
@pytest.mark.parametrize("name", [AT, LO, PE])
def test_a_finding_replaces_air_only_where_it_is_present_and_more_when_severe(name, index):
    def filled(severity):
        disease = disease_of(index, {name: severity})
        # The chest without volume loss, so that only what fills the lung differs.
        chest = chest_of(disease_of(index, {}), index)
        fields = {
            AT: lambda: atelectasis(chest, disease),
            LO: lambda: lung_opacity(chest, disease, make_grid(128), np.random.default_rng(3)),
            PE: lambda: effusion(chest, disease)[0],
        }
        fill = fields[name]()
        assert fill.shape == (128, 128) and fill.min() >= 0 and fill.max() < 1
        return float((fill * chest.lung).sum())

    assert filled(0.0) == 0 < filled(0.3) < filled(1.0)


def test_an_effusion_lies_at_the_bottom_and_climbs_the_chest_wall():
    disease = replace(disease_of(1, {PE: 0.6}), lying=False)
    chest = chest_of(disease)
    fluid = (effusion(chest, disease)[0] > 0.5) & (chest.lung > 0)
    sick = chest.x > 0 if disease.effusion_shares[1] == 1.0 else chest.x < 0
    rows = np.where(fluid & sick, chest.y, np.inf).min(axis=0)  # upper edge of the fluid over x
    wet = np.isfinite(rows)
    outer = np.abs(chest.x).mean(axis=0)
    lateral, medial = rows[wet & (outer > 0.8 * chest.patient.width)], rows[wet & (outer < 0.6 * chest.patient.width)]
    assert lateral.min() < medial.min() - 1.0


def test_atelectasis_raises_the_diaphragm_and_pulls_the_mediastinum_to_its_side():
    disease = disease_of(3, {AT: 0.9})
    right, left, shift = volume_loss(disease)
    assert shift * disease.atelectasis_side > 0
    assert (left if disease.atelectasis_side > 0 else right) > 1 and min(right, left) == 0
    assert volume_loss(disease_of(3, {})) == (0.0, 0.0, 0.0)


def test_a_large_one_sided_effusion_pushes_the_mediastinum_away():
    disease = next(d for d in (disease_of(i, {PE: 1.0}) for i in range(50)) if d.effusion_shares == (1.0, 0.0))
    assert volume_loss(disease)[2] > 0.5


def test_fluid_spreads_behind_the_lung_of_a_patient_who_lies():
    disease = replace(disease_of(1, {PE: 0.8}), effusion_shares=(1.0, 0.0))
    chest = next(c for c in (chest_of(disease, index) for index in range(30)) if c.patient.view == "AP")
    standing, lying = (effusion(chest, replace(disease, lying=lies))[0] for lies in (False, True))
    upper, lower = (chest.x < 0) & (chest.lung > 2) & (chest.y < 8), (chest.x < 0) & (chest.lung > 2) & (chest.y > 15)
    assert standing[upper].mean() < 0.02 < 0.1 < lying[upper].mean()
    assert lying[lower].mean() < standing[lower].mean()
    assert lying[chest.x > 0].max() == 0


def test_lung_beside_fluid_is_squeezed_on_its_side_only_and_most_where_they_touch():
    disease = replace(disease_of(1, {PE: 0.6}), effusion_shares=(0.0, 1.0), lying=False)
    chest = chest_of(disease)
    _, squeezed = effusion(chest, disease)
    assert squeezed[chest.x <= 0].max() == 0
    column = squeezed[:, np.argmin(np.abs(chest.x[64] - 0.6 * chest.patient.width))]
    assert 0.1 < column.max() < 0.35 and column[10] < 0.02 and np.diff(column).min() > -0.005


def test_an_opacity_is_as_large_as_it_is_severe():
    """Its degree in words is one of extent, whatever else differs between phantoms."""
    severities, areas = np.random.default_rng(4).uniform(0.1, 1, 60), []
    for index, severity in enumerate(severities):
        disease = replace(disease_of(index, {LO: severity}), opacity_count=1)
        chest = chest_of(disease, index)
        fill = lung_opacity(chest, disease, make_grid(128), np.random.default_rng(index))
        areas.append((fill > 0.1).sum() / (chest.lung > 0).sum())
    assert spearmanr(severities, areas).statistic > 0.8
