"""Schemas of every table that crosses a boundary, and the only functions that read and write their files."""

from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa

from helpers.errors import TableError
from helpers.files import atomic_write
from helpers.findings import Findings
from helpers.raw_tables import read_raw
from helpers.spreadsheets import guarded, unguarded
from helpers.table_faults import REMEDIES, explain
from helpers.tasks import ALL_RATINGS, CONDITIONALITY, PAIR, PLACES, RATINGS, REAL, SINGLE, TASKS  # noqa: F401

SPLITS = ("train", "validate", "test")
CUES = ("soft_tissue", "bone_structure", "external_devices", "image_artefacts", "other")
ALGORITHM = "algorithm"  # a reader that is a program under test: compared with the others, never counted among them
BESIDE = "|"  # separates the image_ids of a trial, which go from left to right
TRUTH_WORDS = {"True": True, "False": False, "true": True, "false": False, "1": True, "0": False}


def _text(nullable: bool = False, unique: bool = False, values: tuple | None = None) -> pa.Column:
    checks = [pa.Check.isin(values)] if values else []
    if not nullable:
        checks.append(pa.Check.str_length(min_value=1))
    return pa.Column(str, checks, nullable=nullable, unique=unique, coerce=True)


def _integer(values: tuple, nullable: bool = False) -> pa.Column:
    return pa.Column("Int64", pa.Check.isin(values), nullable=nullable, coerce=True)


def _number(low: float, high: float = float("inf"), nullable: bool = False) -> pa.Column:
    return pa.Column(float, pa.Check.in_range(low, high), nullable=nullable, coerce=True)


def _part_of_image() -> pa.Column:
    """A column that may be missing: a position or length as a fraction of the displayed image."""
    return _may_be_missing(_number(0, 1, nullable=True))


def _may_be_missing(column: pa.Column) -> pa.Column:
    column.required = False
    return column


def cohort_schema(findings: Findings) -> pa.DataFrameSchema:
    """Schema of the cohort table in a study of these findings, with one column for each."""
    return pa.DataFrameSchema(
        {
            "image_id": _text(unique=True),
            "path": _text(unique=True),
            "patient_id": _text(),
            "split": _text(values=SPLITS),
            "view": _text(nullable=True, values=("PA", "AP")),
            "age": _number(0, 120, nullable=True),
            "sex": _text(nullable=True, values=("F", "M")),
            "text": _may_be_missing(_text(nullable=True)),
            **{name: _integer((1, 0, -1), nullable=True) for name in findings.names},
        },
        strict=True,
        name="cohort",
    )


BOXES = pa.DataFrameSchema(
    {
        "image_id": _text(),
        "finding": _text(),
        **{name: _number(0, 1) for name in ("x", "y", "width", "height")},
        "annotator": _text(nullable=True),
    },
    strict=True,
    name="boxes",
)

SAMPLES = pa.DataFrameSchema(
    {
        "image_id": _text(unique=True),
        "path": _text(unique=True),
        "source": _text(),
        "finding": _text(),
        "present": _integer((0, 1)),
        "prompt": _text(nullable=True),
        "seed": pa.Column("Int64", nullable=True, coerce=True),
        "guidance": _number(0, nullable=True),
        "checkpoint": _text(nullable=True),
        "template": _may_be_missing(_text(nullable=True)),
    },
    strict=True,
    name="samples",
)

PLAN = pa.DataFrameSchema(
    {
        "reader": _text(),
        "position": pa.Column("Int64", pa.Check.ge(1), coerce=True),
        "trial_id": _text(unique=True),
        "task": _text(values=tuple(TASKS)),
        "images": _text(),
        "case": _text(),
        "finding": _text(),
        "present": _integer((0, 1)),
        "source": _text(),
        "side": _text(nullable=True, values=PLACES),
        "is_practice": pa.Column(bool, coerce=True),
        "repeat_of": _text(nullable=True),
        "template": _may_be_missing(_text(nullable=True)),
    },
    strict=True,
    name="plan",
)

READINGS = pa.DataFrameSchema(
    {
        "reader": _text(),
        "trial_id": _text(),
        "task": _text(values=tuple(TASKS)),
        "case": _text(),
        "source": _text(),
        "finding": _text(),
        "truth": _integer((0, 1)),
        "rating": pa.Column("Float64", pa.Check(np.isfinite, name="finite"), coerce=True),
        "correct": _integer((0, 1), nullable=True),
        "cue": _text(nullable=True, values=CUES),
        "cue_text": _text(nullable=True),
        "position": pa.Column("Int64", pa.Check.ge(1), coerce=True),
        "side": _text(nullable=True, values=PLACES),
        "active_ms": _number(0, nullable=True),
        "idle_ms": _number(0, nullable=True),
        "submitted_at": _text(nullable=True),
        "reader_kind": _text(values=("human", "simulated", ALGORITHM)),
        "is_practice": pa.Column(bool, coerce=True),
        "repeat_of": _text(nullable=True),
        "scale": _may_be_missing(_text(nullable=True)),
        "cues": _may_be_missing(_text(nullable=True)),
        **{name: _part_of_image() for name in ("mark_x", "mark_y", "mark_width", "mark_height")},
        "mark_side": _may_be_missing(_text(nullable=True, values=PLACES)),
        "more_marks": _may_be_missing(_text(nullable=True)),
        "swapped": _may_be_missing(_integer((0, 1), nullable=True)),
        "experience_years": _may_be_missing(_number(0, 80, nullable=True)),
        "subspecialty": _may_be_missing(_text(nullable=True)),
        "template": _may_be_missing(_text(nullable=True)),
        "severity": _may_be_missing(_number(0, 1, nullable=True)),
        "ctr": _may_be_missing(_number(0, 1, nullable=True)),
    },
    unique=["reader", "trial_id"],
    strict=True,
    name="readings",
)


def _check_tasks(table: pd.DataFrame, origin: str) -> None:
    """Raise TableError for a rating, a place or a number of images that the task of its row does not have."""
    for task, own in table.groupby("task", sort=False):
        places = TASKS[task].places
        known = {"rating": tuple(sorted(TASKS[task].means)), "side": places, "mark_side": places}
        scaled = own["scale"].notna() & TASKS[task].ordered if "scale" in own else pd.Series(False, index=own.index)
        for name in [name for name in known if name in table]:
            strange = own[name].notna() & ~own[name].isin(known[name]) & ~(scaled if name == "rating" else False)
            for row, value in own.loc[strange, name].items():
                raise TableError(
                    f"{origin}: column {name!r}, row {row + 1}: value {_shown(value)} does not belong to task "
                    f"{task!r}, which has {', '.join(map(str, known[name])) or 'none: leave it blank'}"
                )
        if "images" in table:
            count = max(len(places), 1)
            for row, value in own.loc[own["images"].str.count(rf"\{BESIDE}") != count - 1, "images"].items():
                raise TableError(
                    f"{origin}: column 'images', row {row + 1}: value {value!r}; task {task!r} shows {count}"
                    + REMEDIES["plan"]
                )


def _shown(value) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def required_columns(schema: pa.DataFrameSchema) -> list[str]:
    """Columns that every table of a schema has, in their order."""
    return [name for name, column in schema.columns.items() if column.required]


def _text_to_types(table: pd.DataFrame, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Turn the text of a CSV into values that the schema can coerce: True / False, whole numbers like 1.0."""
    table = table.copy()
    for name, column in schema.columns.items():
        if name not in table or not pd.api.types.is_string_dtype(table[name]):
            continue
        if str(column.dtype) == "bool":
            table[name] = table[name].astype(object).replace(TRUTH_WORDS)
        elif str(column.dtype) == "Int64":
            table[name] = table[name].str.replace(r"^(-?\d+)\.0*$", r"\1", regex=True)
    return table


def validate(table: pd.DataFrame, schema: pa.DataFrameSchema, origin: str = "table") -> pd.DataFrame:
    """Return the table with the schema's types and column order; raise TableError naming column, row and value."""
    try:
        checked = schema.validate(_text_to_types(table, schema), lazy=True)
    except pa.errors.SchemaErrors as error:
        raise TableError(explain(error, origin, schema.name)) from error
    checked = checked[[name for name in schema.columns if name in checked]]
    if "task" in schema.columns:
        _check_tasks(checked, origin)
    if "rating" in checked and (checked["rating"] % 1 == 0).all():
        checked = checked.astype({"rating": "Int64"})
    return checked.reset_index(drop=True)


def read_table(path: str | Path, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Read a CSV or Parquet file and validate it; raise TableError naming file, column, row and value."""
    table = read_raw(path)
    return validate(table if Path(path).suffix == ".parquet" else unguarded(table), schema, origin=str(path))


def write_table(table: pd.DataFrame, path: str | Path, schema: pa.DataFrameSchema | None = None) -> None:
    """Validate if a schema is given, then write CSV or Parquet (by suffix) atomically.

    In a CSV, what people typed is guarded so that no spreadsheet takes it for a formula (``spreadsheets``).
    """
    path = Path(path)
    if schema is not None:
        table = validate(table, schema, origin=f"{path} (not written)")
    with atomic_write(path) as temporary:
        if path.suffix == ".parquet":
            table.to_parquet(temporary, index=False)
        else:
            guarded(table).to_csv(temporary, index=False, lineterminator="\n")
