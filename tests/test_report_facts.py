"""Sentences of a run about itself; those of a whole run are tried with the reporting table."""

import json

import pandas as pd

from helpers.report_facts import Facts
from helpers.runs import Run


def test_a_stage_that_has_not_run_leaves_its_sentence_blank(workspace):
    facts = Facts(Run("empty"))
    assert facts.primary() == "" and facts.missing() == "" and facts.registration() == ""


def test_starting_weights_are_those_of_trainings_that_took_place(workspace):
    run = Run("own")
    for stage, trained, start in (("02_train_gan", False, "gan.weights"), ("03_train_diffusion", True, "none")):
        run.manifest(stage).parent.mkdir(parents=True)
        run.manifest(stage).write_text(json.dumps({"parameters": {"train": trained, "warm_start": start}}))
    facts = Facts(run)
    facts.samples = pd.DataFrame({"source": ["diffusion"], "checkpoint": ["ab" * 32]})
    assert facts.models().startswith("Checkpoints by digest: Diffusion: abab")
    assert "Starting weights: none." in facts.models() and "gan.weights" not in facts.models()
