"""Parameters of the plan: what is refused, by name."""

from dataclasses import fields

import pytest

from helpers.errors import ParameterError
from helpers.study.settings import GUEST, PlanSettings, settings_from


def test_the_defaults_are_the_original_order_of_tasks():
    assert PlanSettings(["ada"], 1).tasks == ("realism_pair", "conditionality")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("readers", []),
        ("readers", ["ada", "ada"]),
        ("readers", "ada"),
        ("readers", [" ada"]),
        ("readers", [3]),
        ("tasks", ["realism"]),
        ("tasks", []),
        ("pairs_per_cell", 0),
        ("pairs_per_cell", 2.5),
        ("conditionality_per_cell", True),
        ("singles_per_cell", -1),
        ("practice_per_task", -1),
        ("repeat_fraction", 0.6),
        ("repeat_fraction", "0.1"),
        ("max_run", 1),
        ("small_cells", "ignore"),
        ("enlarge_at_most", 0.5),
        ("enlarge_at_most", float("inf")),
    ],
)
def test_a_wrong_parameter_is_named_with_its_value(name, value):
    with pytest.raises(ParameterError, match=name):
        PlanSettings(**{"readers": ["ada"], "seed": 1, name: value})


def test_the_notebook_s_parameters_become_settings_and_the_guest_joins():
    parameters = {field.name: field.default for field in fields(PlanSettings)} | {
        "readers": ["ada"],
        "seed": 3,
        "run": "x",
    }
    made = settings_from(parameters)
    assert made.readers == ("ada", GUEST) and made.seed == 3 and made.pairs_per_cell == 6
