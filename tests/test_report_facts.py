"""Sentences of a run about itself; those of a whole run are tried with the reporting table."""

from helpers.report_facts import Facts
from helpers.runs import Run


def test_a_stage_that_has_not_run_leaves_its_sentence_blank(workspace):
    facts = Facts(Run("empty"))
    assert facts.primary() == "" and facts.missing() == "" and facts.registration() == ""
