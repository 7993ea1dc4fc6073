"""Differences of population-averaged values."""

import pytest


def test_contrasts_are_differences_of_the_marginal_table_and_of_the_effects(sloped):
    table = sloped.marginal(["source"]).set_index("source")["probability"]
    effects = sloped.fixed.set_index("term")
    contrasts = sloped.contrasts("source").set_index(["first", "second", "scale"])
    assert len(contrasts) == 6 and (contrasts["note"] == "").all()
    line = contrasts.loc[("diffusion", "gan", "probability")]
    assert line["difference"] == pytest.approx(table["diffusion"] - table["gan"])
    line = contrasts.loc[("diffusion", "gan", "log odds")]
    assert line["difference"] == pytest.approx(-effects.loc["source[T.gan]", "estimate"])
    assert line["standard_error"] == pytest.approx(effects.loc["source[T.gan]", "standard_error"])
    assert line["p"] == pytest.approx(effects.loc["source[T.gan]", "p"])
