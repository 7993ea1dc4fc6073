"""Design matrices of a mixed model, built from a formula and a table of rows."""

import re
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from formulaic import Formula as FormulaicFormula
from formulaic import ModelSpec
from formulaic.errors import FormulaicError

from helpers.errors import StatisticsError
from helpers.stats.mixed.formula import Formula, RandomTerm, names_in

MOST_COLUMNS = 10_000  # of all random terms but the largest: a square matrix of this size must fit in memory
DEPENDENT = 1e-8


@dataclass(frozen=True)
class RandomDesign:
    """One random term: ``codes`` (n,) int level of each row, ``values`` (n, width), ``levels`` names of the levels."""

    term: RandomTerm
    names: tuple[str, ...]
    codes: np.ndarray
    values: np.ndarray
    levels: tuple
    spec: ModelSpec

    @property
    def width(self) -> int:
        return self.values.shape[1]


@dataclass(frozen=True)
class Design:
    """``rows``: the rows used; ``fixed`` (n, p) with columns ``names``; ``random`` sorted by columns, most first;
    ``kept`` (all columns,) bool: those of the formula's matrix that are not linear combinations of earlier ones;
    ``null`` (all columns, d): its null space, not identified by the rows; ``notes``: sentences on what was left out."""

    formula: Formula
    rows: pd.DataFrame
    fixed: np.ndarray
    names: tuple[str, ...]
    kept: np.ndarray
    null: np.ndarray
    random: tuple[RandomDesign, ...]
    spec: ModelSpec
    notes: tuple[str, ...]

    def fixed_for(self, rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        """Fixed-effects matrix (n, p) of other rows, and which of them (n,) bool the model can predict."""
        everything = _matrix(self.spec, rows, self.formula)
        estimable = np.abs(everything @ self.null).max(axis=1, initial=0.0) < 1e-6
        return everything[:, self.kept], estimable

    def random_values_for(self, rows: pd.DataFrame) -> list[np.ndarray]:
        """Values (n, width) of each random term for other rows."""
        return [_matrix(term.spec, rows, self.formula) for term in self.random]

    def without_intercept(self) -> "Design":
        """The same design without the fixed intercept, which thresholds replace."""
        if "Intercept" not in self.names:
            raise StatisticsError(f"formula {self.formula.text!r}: thresholds need the intercept; take out '0 +'")
        place = self.names.index("Intercept")
        kept = self.kept.copy()
        kept[np.flatnonzero(kept)[place]] = False
        names = self.names[:place] + self.names[place + 1 :]
        return replace(self, fixed=np.delete(self.fixed, place, axis=1), names=names, kept=kept)


def build(formula: Formula, rows: pd.DataFrame) -> Design:
    """Design of the rows that are complete in the columns of the formula.

    Text columns are categories with treatment contrasts; the first in sorted order (or of the categorical) is the
    reference. Raises StatisticsError for unknown columns, if no row is complete, and for a group with one level.
    """
    rows, notes = _complete(formula, rows)
    matrix = _parsed(formula.fixed, formula, rows)
    everything = np.asarray(matrix, dtype="float64")
    all_names = list(matrix.model_spec.column_names)
    kept, null = _independent(everything)
    for name in np.array(all_names)[~kept]:
        notes.append(f"{name} is left out: the rows cannot tell it from the terms before it")
    random = tuple(_random_design(term, formula, rows) for term in formula.random)
    random = tuple(sorted(random, key=lambda r: -len(r.levels) * r.width))
    if sum(len(r.levels) * r.width for r in random[1:]) > MOST_COLUMNS:
        raise StatisticsError(f"all random terms but the largest have over {MOST_COLUMNS} effects; leave one out")
    names = tuple(name for name, keep in zip(all_names, kept, strict=True) if keep)
    spec = matrix.model_spec
    return Design(formula, rows, everything[:, kept], names, kept, null, random, spec, tuple(notes))


def _complete(formula: Formula, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Rows without missing values in the formula's columns, and a note with the number left out, if any."""
    needed = columns_of(formula)
    unknown = sorted(needed - set(rows.columns))
    if unknown:
        raise StatisticsError(
            f"formula {formula.text!r}: no column {', '.join(unknown)}; there is: {', '.join(map(str, rows.columns))}"
        )
    whole = rows[rows[sorted(needed)].notna().all(axis=1)].reset_index(drop=True)
    if whole.empty:
        raise StatisticsError(f"no row has all of {', '.join(sorted(needed))}: nothing to fit")
    for column in sorted(needed):
        if isinstance(whole[column].dtype, pd.CategoricalDtype):
            whole[column] = whole[column].cat.remove_unused_categories()
    missing = len(rows) - len(whole)
    return whole, [f"{missing} of {len(rows)} rows are left out: a value is missing"] if missing else []


def columns_of(formula: Formula) -> set[str]:
    """Columns that a formula uses."""
    used = set().union(*(term.group for term in formula.random), *(names_in(side) for side in formula.response))
    for expression in (formula.fixed, *(term.expression for term in formula.random)):
        try:
            used |= {str(name).split(".")[0] for name in FormulaicFormula(expression).required_variables}
        except FormulaicError as error:
            raise StatisticsError(f"formula {formula.text!r}: cannot read {expression!r}: {_plain(error)}") from error
    return used


def _plain(error: FormulaicError) -> str:
    """First line of formulaic's message, without its colour codes for terminals."""
    return re.sub(r"\x1b\[[0-9;]*m", "", str(error)).splitlines()[0]


def _parsed(expression: str, formula: Formula, rows: pd.DataFrame):
    try:
        return FormulaicFormula(expression).get_model_matrix(rows, output="numpy", na_action="ignore", context={})
    except FormulaicError as error:
        raise StatisticsError(f"formula {formula.text!r}: cannot use {expression!r}: {_plain(error)}") from error


def _matrix(spec: ModelSpec, rows: pd.DataFrame, formula: Formula) -> np.ndarray:
    try:
        return np.asarray(spec.get_model_matrix(rows, context={}), dtype="float64")
    except FormulaicError as error:
        raise StatisticsError(f"formula {formula.text!r}: cannot be used on these rows: {_plain(error)}") from error


def _random_design(term: RandomTerm, formula: Formula, rows: pd.DataFrame) -> RandomDesign:
    matrix = _parsed(term.expression, formula, rows)
    keys = rows[list(term.group)].astype(str).agg(":".join, axis=1) if len(term.group) > 1 else rows[term.group[0]]
    codes, levels = pd.factorize(keys, sort=True)
    if len(levels) < 2:
        raise StatisticsError(f"random term ({term.expression} | {term.name}): {term.name} has one level; leave it out")
    names = tuple(matrix.model_spec.column_names)
    values = np.asarray(matrix, dtype="float64")
    if not names:
        raise StatisticsError(f"random term ({term.expression} | {term.name}) has no effect in it; write (1 | group)")
    return RandomDesign(term, names, codes, values, tuple(levels), matrix.model_spec)


def _independent(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Columns that are not linear combinations of earlier ones, by Gram-Schmidt, and the null space (columns, d)."""
    kept, basis = np.zeros(matrix.shape[1], dtype=bool), np.empty((len(matrix), 0))
    null = []
    for place, column in enumerate(matrix.T):
        length = np.linalg.norm(column)
        rest = column - basis @ (basis.T @ column)
        rest = rest - basis @ (basis.T @ rest)
        if length > 0 and np.linalg.norm(rest) > DEPENDENT * length:
            basis = np.column_stack([basis, rest / np.linalg.norm(rest)])
            kept[place] = True
        else:
            direction = np.zeros(matrix.shape[1])
            direction[kept] = np.linalg.lstsq(matrix[:, kept], -column)[0]
            direction[place] = 1.0
            null.append(direction)
    return kept, np.array(null).reshape(-1, matrix.shape[1]).T
