"""Simulated readers read a run: what their answers depend on, and what happens to them when that changes."""

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import sqlalchemy as sa

from helpers.dependencies import code_of
from helpers.errors import StoreError
from helpers.files import sha256, write_text
from helpers.provenance import findings_of
from helpers.runs import Run
from helpers.study.binding import plan_hash
from helpers.study.counting import study_readers
from helpers.study.display import display_files
from helpers.study.engines import engine_of
from helpers.study.finding_regions import masks_of_plan
from helpers.study.observers.learning import train_observer
from helpers.study.schema import READERS, STUDY, TRIALS
from helpers.study.settings import GUEST
from helpers.study.simulate import run_readers
from helpers.study.store import Store
from helpers.study.upgrade import drop_readings
from helpers.tables import PLAN, cohort_schema, read_table


def renew_simulation(database: Path, note: Path, facts: Mapping[str, str]) -> bool:
    """Drop simulated readings if the facts in ``note`` differ from ``facts``, then write the new facts there.

    An interrupted simulation continues; a changed one starts again. People's readings stay; the guest's are dropped
    with the simulation if they belong to another plan (fact "plan"). Returns True if simulated readings were dropped.
    """
    if note.is_file() and json.loads(note.read_text()) == dict(facts):
        return False
    dropped = _drop_simulated(database, facts["plan"]) if database.is_file() else False
    write_text(note, json.dumps(dict(facts), indent=1) + "\n")
    return dropped


def simulate_run(run: Run, seed: int, learn_from: int) -> pd.DataFrame:
    """Let simulated readers read a run's plan and store the readings, continuing where a killed simulation stopped.

    They learn from at most ``learn_from`` real training images. Returns reader, kind, answered, total.
    """
    plan_folder, cohort_file = run.stage_folder("06_study_plan"), run.stage_folder("01_cohort") / "cohort.csv"
    plan = read_table(plan_folder / "plan.csv", PLAN)
    facts = simulation_facts(plan_hash(plan), seed, learn_from, plan_folder, cohort_file)
    renew_simulation(run.database, run.stage_folder("07_reading") / "simulation.json", facts)
    findings = findings_of(run)
    cohort = read_table(cohort_file, cohort_schema(findings))
    expertise = train_observer(cohort, run.folder, findings, seed, learn_from)
    store = Store(run.database, plan)
    files, regions = display_files(plan_folder), masks_of_plan(run, plan)
    return run_readers(store, plan, files, expertise, seed, study_readers(plan), regions)


def simulation_facts(plan_sha256: str, seed: int, learn_from: int, plan_folder: Path, cohort: Path) -> dict[str, str]:
    """What the answers of simulated readers depend on: plan, seed, images shown, images learned from, and code."""
    return {
        "plan": plan_sha256,
        "seed": str(seed),
        "learn_from": str(learn_from),
        "shown": sha256(plan_folder / "display"),
        "cohort": sha256(cohort),
        "code": code_of("helpers.study.simulate", "helpers.study.observers.learning", "helpers.tasks"),
    }


def _drop_simulated(database: Path, plan_sha256: str) -> bool:
    """Delete simulated readings, and the binding to another plan if nobody's readings are left."""
    engine = engine_of(database)
    try:
        with engine.begin() as connection:
            kinds = {row.reader: row.kind for row in connection.execute(sa.select(READERS))}
            is_foreign = connection.scalar(sa.select(STUDY.c.plan_sha256)) != plan_sha256
            simulated = [reader for reader, kind in kinds.items() if kind == "simulated"]
            dropped = simulated + [GUEST] * is_foreign
            if is_foreign and not set(kinds) <= set(dropped):
                return False  # people have read another plan: the store will refuse this one, unchanged
            drop_readings(connection, [reader for reader in dropped if reader in kinds])
            if is_foreign:
                connection.execute(STUDY.delete())
                if sa.inspect(connection).has_table(TRIALS.name):
                    connection.execute(TRIALS.delete())
    except sa.exc.SQLAlchemyError as error:
        raise StoreError(
            f"{database}: cannot be used as a readings database ({error.__cause__ or error}); restore a backup of it"
        ) from error
    finally:
        engine.dispose()
    return bool(simulated)
