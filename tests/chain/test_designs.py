"""Notebooks 08 to 11 end on every design that a study may have; what cannot be estimated has a reason in words."""

import pytest
from designs import DESIGNS, ends_with_numbers_or_reasons

pytestmark = pytest.mark.chain
HALF = len(DESIGNS) // 2


@pytest.mark.parametrize("design", list(DESIGNS)[:HALF])
def test_every_notebook_ends_and_the_primary_table_has_a_number_or_a_note(design, workspace, monkeypatch):
    ends_with_numbers_or_reasons(design, workspace, monkeypatch)
