"""The R script of a fit: where R is, it repeats the fit; elsewhere its text is checked."""

import shutil
import subprocess

import pandas as pd
import pytest

from helpers.errors import StatisticsError
from helpers.runs import PROJECT
from helpers.stats.mixed.clmm import fit_ordinal
from helpers.stats.mixed.glmm import fit
from helpers.stats.mixed.to_r import as_in_r, script

HERE = PROJECT / "tests" / "reference"
WORDS = dict(zip(range(-2, 3), ("e", "d", "c", "b", "a"), strict=True))


def rows():
    """Made-up readings with a column of words in an order of their own, one of numbers as text, one of bool."""
    table = pd.read_csv(HERE / "mixed_readings.csv")
    words = pd.Categorical(table["rating"].map(WORDS), list(WORDS.values()), ordered=True)
    more = {"number": table["reader"].str[1:], "late": table["position"] > 0.5}
    more["template"], more["prompted"] = "t" + table["case"].str[-1], table["source"] != "real"
    return table.assign(words=words, right=pd.Categorical(table["correct"]), **more)


def published(name):
    return pd.read_csv(HERE / "published" / name)


MODELS = {
    "crossed": lambda: fit("correct ~ source * finding + side + (1 | reader) + (1 | case)", rows()),
    "counts": lambda: fit(
        "cbind(incidence, size - incidence) ~ C(period) + (1 | herd)", published("cbpp.csv"), quadrature_points=9
    ),
    "nested": lambda: fit("late ~ source + (1 | site/number)", rows()),
    "prompts": lambda: fit("right ~ source + (1 | reader) + (0 + prompted | template)", rows()),
    "slopes": lambda: fit("Reaction ~ Days + (Days | Subject)", published("sleepstudy.csv"), "gaussian", reml=True),
    "functions": lambda: fit("log(log_time + 5) ~ late + np.log(position + 1) + (1 | number)", rows(), "gaussian"),
    "ordinal": lambda: fit_ordinal("rating ~ temp + contact + (1 | judge)", published("wine.csv"), 5),
    "words": lambda: fit_ordinal("words ~ position:source + source + (1 | reader)", rows()),
}


def r_has_both():
    """Whether Rscript runs and has lme4 and ordinal."""
    if shutil.which("Rscript") is None:
        return False
    check = "quit(status = !all(c('lme4', 'ordinal') %in% rownames(installed.packages())))"
    return subprocess.run(["Rscript", "-e", check], capture_output=True).returncode == 0


@pytest.mark.parametrize("name", MODELS)
def test_the_script_repeats_the_fit(name, tmp_path):
    if not r_has_both():
        pytest.skip("needs Rscript with lme4 and ordinal")
    found = MODELS[name]()
    path = found.to_r(tmp_path, name)
    subprocess.run(["Rscript", path.name], cwd=tmp_path, check=True, capture_output=True)
    theirs = pd.read_csv(tmp_path / f"{name}_in_r.csv")
    ours = pd.concat([found.thresholds, found.fixed])
    assert theirs["estimate"].tolist() == pytest.approx(ours["estimate"].tolist(), abs=1e-3)
    assert theirs["standard_error"].tolist() == pytest.approx(ours["standard_error"].tolist(), rel=1e-2)


def test_the_script_of_a_crossed_model_is_complete(tmp_path):
    path = MODELS["crossed"]().to_r(tmp_path / "made", "mine")
    lines = path.read_text().splitlines()
    assert lines[:2] == [
        "# Repeats a binomial mixed model with R. It needs the package lme4; run it beside mine.csv.",
        "library(lme4)",
    ]
    assert 'rows <- read.csv("mine.csv", check.names = FALSE, na.strings = character(),' in lines
    assert 'rows$source <- factor(rows$source, levels = c("diffusion", "gan", "real"))' in lines
    assert "rows$reader <- factor(rows$reader)" in lines
    formula = "correct ~ source * finding + side + (1 | reader) + (1 | case)"
    assert f"fit <- glmer({formula}, data = rows, family = binomial, nAGQ = 1," in lines
    table = pd.read_csv(tmp_path / "made" / "mine.csv")
    assert table.columns.tolist() == ["case", "correct", "finding", "reader", "side", "source"] and len(table) == 540


def test_each_family_has_its_own_call():
    assert "nAGQ = 9" in script(MODELS["counts"]()) and "factor(period)" in script(MODELS["counts"]())
    assert "fit <- lmer(Reaction ~ Days + (Days | Subject), data = rows, REML = TRUE," in script(MODELS["slopes"]())
    words = script(MODELS["words"]())
    assert "library(ordinal)" in words and "fit <- clmm(words ~ position:source + source + (1 | reader)" in words
    assert 'rows$words <- factor(rows$words, levels = c("e", "d", "c", "b", "a"), ordered = TRUE)' in words


def test_notes_and_rows_of_the_fit_are_the_scripts(crossed, tmp_path):
    gaps = crossed.assign(x=crossed["x"].mask(crossed["case"] == "n03"))
    found = fit("correct ~ x + (1 | reader)", gaps)
    path = found.to_r(tmp_path)
    assert "# 7 of 252 rows are left out: a value is missing" in path.read_text()
    assert len(pd.read_csv(tmp_path / "fit.csv")) == 245


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("y ~ C(a):b + np.sqrt(x) + (1 | g)", "y ~ factor(a):b + sqrt(x) + (1 | g)"),
        ("cbind(r, 9 - r) ~ I(x**2) + (0 + x || g)", "cbind(r, 9 - r) ~ I(x**2) + (0 + x || g)"),
    ],
)
def test_formulas_are_written_in_r(ours, theirs):
    assert as_in_r(ours) == theirs


@pytest.mark.parametrize("side", ["bs(x, df=4)", "C(a, Sum)", "{x + 1}", "np.where(x > 0, 1, 0)"])
def test_what_r_lacks_is_named(side):
    with pytest.raises(StatisticsError, match="no counterpart in R"):
        as_in_r(f"y ~ {side} + (1 | g)")
