"""Write an R script that repeats a fit with lme4 or ordinal, with a CSV file of the rows.

The formulas of this package are those of R, except for the functions in them. Levels are written in full, since R sorts
text by the locale of the machine.
"""

import re
from pathlib import Path

import pandas as pd

from helpers.errors import StatisticsError
from helpers.stats.mixed.design import columns_of
from helpers.stats.mixed.families import CumulativeLogit, Gaussian
from helpers.stats.mixed.formula import names_in

AS_IN_R = ("I", "log", "log2", "log10", "exp", "sqrt", "abs", "cbind")  # functions that mean the same in both
GLMER = 'glmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-8, maxfun = 1e5), tolPwrss = 1e-10)'
LMER = 'lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5))'


def to_r(fit, folder: Path, name: str = "fit") -> Path:
    """Write ``name.csv``, the rows of a fit, and ``name.R``, which repeats it; return the script's path.

    ``Rscript name.R``, run in the folder, prints the summary and writes ``name_in_r.csv``: term, estimate,
    standard_error, the thresholds of an ordinal model first. Raises StatisticsError for a formula with functions that R
    lacks.

    >>> from tempfile import TemporaryDirectory
    >>> from helpers.stats.mixed.glmm import fit
    >>> counts = pd.DataFrame({"reader": list("aabbccdd"), "source": ["gan", "real"] * 4,
    ...     "right": [30, 24, 35, 28, 16, 12, 33, 25], "wrong": [10, 16, 5, 12, 24, 28, 7, 15]})
    >>> found = fit("cbind(right, wrong) ~ source + (1 | reader)", counts)
    >>> with TemporaryDirectory() as folder:
    ...     print(to_r(found, folder, "readers").read_text().splitlines()[1])
    library(lme4)
    """
    text = script(fit, name)
    design = fit.objective.design
    rows = design.rows[sorted(columns_of(design.formula))]
    numbers = {c: int for c in rows if pd.api.types.is_bool_dtype(rows[c]) and c not in _text(fit.objective)}
    Path(folder).mkdir(parents=True, exist_ok=True)
    rows.astype(numbers).to_csv(Path(folder) / f"{name}.csv", index=False)
    path = Path(folder) / f"{name}.R"
    path.write_text(text, encoding="utf-8")
    return path


def script(fit, name: str = "fit") -> str:
    """Text of the R script of a fit whose rows are in ``name.csv``."""
    objective = fit.objective
    package = "ordinal" if isinstance(objective.family, CumulativeLogit) else "lme4"
    lines = [
        f"# Repeats a {fit.family} mixed model with R. It needs the package {package}; run it beside {name}.csv.",
        *[f"# {note}" for note in fit.notes],
        f"library({package})",
        *_columns(objective, name),
        f"fit <- {_call(objective)}",
        "print(summary(fit))",
        *_table(package),
        f'write.csv(table, "{name}_in_r.csv", row.names = FALSE)',
    ]
    return "\n".join(lines) + "\n"


def as_in_r(formula: str) -> str:
    """A formula as R reads it: ``C(x)`` is ``factor(x)`` and ``np.log`` is ``log``. Raises StatisticsError."""
    text = re.sub(r"\bnp\.(?=\w+\()", "", re.sub(r"\bC\(([^(),]+)\)", r"factor(\1)", formula))
    called = set(re.findall(r"([\w.]+)\(", text)) - {*AS_IN_R, "factor"}
    odd = sorted(called) + re.findall(r"//|%|[{}]|\[", text)
    if odd:
        raise StatisticsError(
            f"formula {formula!r}: {odd[0]} has no counterpart in R; make a column of it before the fit"
        )
    return text


def _text(objective) -> list[str]:
    """Columns that R must not read as numbers: words and categories of effects, groups and ordered answers."""
    design = objective.design
    responses = set().union(*(names_in(side) for side in design.formula.response))
    named = columns_of(design.formula) - (set() if isinstance(objective.family, CumulativeLogit) else responses)
    return [column for column in sorted(named) if not pd.api.types.is_numeric_dtype(design.rows[column])]


def _columns(objective, name: str) -> list[str]:
    """Lines that read the rows; groups and text columns become factors, those of effects with their levels in order."""
    design, text = objective.design, _text(objective)
    groups = set().union(*(random.term.group for random in design.random))
    effects = {str(v) for spec in (design.spec, *(r.spec for r in design.random)) for v in spec.required_variables}
    answer = design.formula.response[0] if isinstance(objective.family, CumulativeLogit) else None
    classes = ", ".join(f'{_name(column)} = "character"' for column in text)
    read = f'rows <- read.csv("{name}.csv", check.names = FALSE, na.strings = character()'
    lines = [f"{read},\n  colClasses = c({classes}))" if text else f"{read})"]
    for column in sorted(columns_of(design.formula)):
        more = ""
        if column in text and (column in effects or column == answer):
            more = ", levels = c(" + ", ".join(_string(level) for level in _levels(design.rows[column])) + ")"
        more += ", ordered = TRUE" if column == answer else ""
        if more or column in groups - effects:
            lines.append(f"rows${_name(column)} <- factor(rows${_name(column)}{more})")
    return lines


def _levels(column: pd.Series) -> list:
    return list(column.cat.categories) if isinstance(column.dtype, pd.CategoricalDtype) else sorted(column.unique())


def _call(objective) -> str:
    formula = as_in_r(objective.design.formula.text)
    if isinstance(objective.family, CumulativeLogit):
        return f"clmm({formula}, data = rows, nAGQ = {objective.points})"
    if isinstance(objective.family, Gaussian):
        return f"lmer({formula}, data = rows, REML = {str(objective.restricted).upper()},\n  control = {LMER})"
    return f"glmer({formula}, data = rows, family = binomial, nAGQ = {objective.points},\n  control = {GLMER})"


def _table(package: str) -> list[str]:
    if package == "lme4":
        return [
            "table <- data.frame(term = names(fixef(fit)), estimate = fixef(fit),",
            "  standard_error = sqrt(diag(as.matrix(vcov(fit)))))",
        ]
    return [
        "effects <- seq_len(length(fit$alpha) + length(fit$beta))",
        "table <- data.frame(term = names(coef(fit))[effects], estimate = coef(fit)[effects],",
        "  standard_error = sqrt(diag(vcov(fit)))[effects])",
    ]


def _name(column: str) -> str:
    return column if re.fullmatch(r"[A-Za-z][\w.]*", column) else f"`{column}`"


def _string(level) -> str:
    return '"' + str(level).replace("\\", "\\\\").replace('"', '\\"') + '"'
