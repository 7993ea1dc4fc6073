"""Simulated readings with known truth: crossed readers and cases, nested in their sources, both tasks."""

from collections.abc import Callable
from itertools import count

import numpy as np
import pandas as pd
import pytest

from helpers.findings import ORIGINAL
from helpers.tables import CUES, READINGS, required_columns, validate

CELLS = ORIGINAL.cells


def simulate_readings(
    seed: int = 1,
    readers: int = 3,
    cases_per_cell: int = 6,
    sources: tuple[str, ...] = ("gan", "diffusion"),
    separation: float | dict[str, float] = 0.8,
    reader_sd: float = 0.3,
    case_sd: float = 0.6,
    residual_sd: float = 0.8,
    undetermined_band: float = 0.3,
    repeats: int = 6,
    practice: int = 4,
    reader_kind: str = "simulated",
) -> pd.DataFrame:
    """READINGS table of realism pairs (given sources) and of conditionality (real and the given sources).

    Latent evidence for the truth of reader r on case c: separation + reader_r + case_c + residual_rc, normal with
    the given standard deviations; |evidence| below ``undetermined_band`` is rated 0, above 1.2 definite. The
    probability that evidence points at the truth is Phi(separation / sqrt(sum of variances)) without a band.
    """
    generator = np.random.default_rng([seed, 77])
    separations = separation if isinstance(separation, dict) else {}
    level = {s: separations.get(s, separation if not separations else 0.8) for s in ("real", *sources)}
    names = [f"reader-{r + 1}" for r in range(readers)]
    rows = []
    for task, shown in (("realism_pair", sources), ("conditionality", ("real", *sources))):
        ability = generator.normal(0.0, reader_sd, readers)
        for source in shown:
            for cell in CELLS:
                for number in range(cases_per_cell):
                    effect = generator.normal(0.0, case_sd)
                    evidence = level[source] + ability + effect + generator.normal(0.0, residual_sd, readers)
                    image = f"{source}-{cell.label}-{number:05d}"
                    case = f"{image}+real-{cell.label}-{number:05d}" if task == "realism_pair" else image
                    base = {"task": task, "case": case, "source": source, "finding": cell.finding}
                    base |= {"truth": cell.present, "side": "left" if number % 2 else "right"}
                    if task == "conditionality":
                        base["side"] = None
                    rows += [base | {"reader": n, "evidence": e} for n, e in zip(names, evidence, strict=True)]
    table = pd.DataFrame(rows)
    extra = [table.groupby(["reader", "task"]).sample(n, random_state=seed) for n in (repeats, practice)]
    table["trial_id"] = [f"trial-{i:05d}" for i in range(len(table))]
    again = extra[0].assign(repeat_of=table["trial_id"].loc[extra[0].index])
    again["evidence"] += generator.normal(0.0, residual_sd / 2, len(again))
    trial = pd.concat([table.assign(repeat_of=None), again, extra[1].assign(is_practice=True)], ignore_index=True)
    return _to_readings(trial, generator, undetermined_band, reader_kind)


def _to_readings(table, generator, band: float, reader_kind: str) -> pd.DataFrame:
    """Evidence to rating, correctness, cue, time and the remaining columns."""
    strength = (np.abs(table["evidence"]) >= band).astype(int) + (np.abs(table["evidence"]) >= 1.2)
    towards_truth = np.sign(table["evidence"]).astype(int) * strength
    target = np.where(table["task"] == "realism_pair", table["side"] == "right", table["truth"] == 1)
    table["rating"] = np.where(target, towards_truth, -towards_truth)
    table["correct"] = pd.Series(np.sign(towards_truth), dtype="Int64").map({1: 1, -1: 0}).astype("Int64")
    cues = generator.choice(CUES[:4], len(table))
    table["cue"] = np.where((table["rating"] != 0) & (table["task"] == "realism_pair"), cues, None)
    order = {reader: generator.permutation(len(group)) for reader, group in table.groupby("reader", sort=True)}
    for reader, group in table.groupby("reader", sort=True):
        table.loc[group.index, "position"] = order[reader] + 1
    speed = 8.6 - 0.001 * table["position"] + generator.normal(0.0, 0.4, len(table))
    speed += table["reader"].map({r: 0.2 * i for r, i in zip(sorted(order), count())})
    table["active_ms"], table["idle_ms"] = np.exp(speed), 0.0
    first_trial = table["trial_id"].isna() | table["repeat_of"].notna()
    table["trial_id"] = np.where(first_trial, [f"again-{i:05d}" for i in range(len(table))], table["trial_id"])
    table = table.assign(
        cue_text=None, submitted_at="2026-01-01T00:00:00+00:00", reader_kind=reader_kind,
        is_practice=table["is_practice"].notna(),
    )  # fmt: skip
    return validate(table[required_columns(READINGS)], READINGS, "simulated readings")


@pytest.fixture(scope="session")
def simulate() -> Callable[..., pd.DataFrame]:
    """The generator of readings above."""
    return simulate_readings


@pytest.fixture(scope="session")
def readings() -> pd.DataFrame:
    """One small study: 3 simulated readers, 48 pairs a source, 48 single images a source."""
    return simulate_readings()
