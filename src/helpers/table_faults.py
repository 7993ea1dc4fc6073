"""What is wrong with a table, in words: the rules of its schema that it breaks, one sentence for each cause."""

import pandas as pd
import pandera.pandas as pa

REMEDIES = {"plan": "; make the plan again (notebooks/06_study_plan.ipynb)"}


def explain(error: pa.errors.SchemaErrors, origin: str, name: str) -> str:
    """Name the first few broken rules, one for each column and rule: column, first row, value, how many more rows."""
    cases = error.failure_cases.assign(check=error.failure_cases["check"].astype(str))
    doubled = cases["check"] == "multiple_fields_uniqueness"
    # If a value is not a number, its column stays text, and every rule for numbers seems broken in all other rows.
    text = cases.loc[cases["check"].str.startswith("coerce_dtype"), "column"].unique()
    hidden = cases["column"].isin(text) & ~cases["check"].str.startswith(("coerce_dtype", "not_nullable"))
    lines = [_explain_doubled(cases[doubled])] if doubled.any() else []
    places = {}
    for case in cases[~doubled & ~hidden].to_dict("records"):
        check, value, column, index = case["check"], case["failure_case"], case["column"], case["index"]
        if check == "column_in_dataframe":
            places[value, None] = (f"column {value!r} is missing", value, "")
        elif check == "column_in_schema":
            places[value, None] = (f"column {value!r} does not belong here; remove it", value, "")
        elif not (check.startswith("dtype(") and pd.isna(index)):
            row = "" if pd.isna(index) else f", row {int(index) + 1}"
            rule = "is not a number" if check.startswith(("coerce_dtype", "dtype")) else f"breaks the rule {check}"
            rule = "is blank" if check == "not_nullable" else "occurs twice" if "unique" in check else rule
            places.setdefault((column, index), (f"column {column!r}{row}: value {value!r} {rule}", column, rule))
    lines += _one_a_cause(places.values())
    shown = lines[:5] + ([f"and {len(lines) - 5} more"] if len(lines) > 5 else [])
    return f"{origin}: not a valid {name} table: " + "; ".join(shown) + REMEDIES.get(name, "")


def _one_a_cause(places) -> list[str]:
    """The first text for each column and rule, with the number of the others; ``places`` are (text, column, rule)."""
    causes: dict[tuple[str, str], list[str]] = {}
    for text, column, rule in places:
        causes.setdefault((column, rule), []).append(text)
    return [texts[0] + (f" (and {len(texts) - 1} more rows)" if len(texts) > 1 else "") for texts in causes.values()]


def _explain_doubled(cases: pd.DataFrame) -> str:
    """Name the rows that share the first duplicated key: they agree in all columns that should tell them apart."""
    keys = cases.pivot(index="index", columns="column", values="failure_case")
    first = keys[(keys == keys.iloc[0]).all(axis=1)]
    rows = " and ".join(str(int(index) + 1) for index in first.index)
    key = ", ".join(f"{column} {value!r}" for column, value in first.iloc[0].items())
    return f"rows {rows} have the same {key}; keep one of them"
