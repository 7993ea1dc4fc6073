"""Binds a readings database to its plan, trial by trial: a plan may grow, but trials that were read must not change."""

import hashlib
import json
from collections.abc import Mapping

import pandas as pd
import sqlalchemy as sa

from helpers.errors import StoreError
from helpers.study.log import note
from helpers.study.schema import EVENTS, METADATA, SCHEMA_VERSION, STUDY, TRIALS
from helpers.study.settings import GUEST
from helpers.study.upgrade import drop_readings, upgrade
from helpers.tables import PLAN, validate


def plan_hash(plan: pd.DataFrame) -> str:
    """SHA-256, hex, of the canonical plan: validated, sorted by reader and position, as CSV."""
    rows = validate(plan, PLAN, origin="plan").sort_values(["reader", "position"])
    return hashlib.sha256(rows.to_csv(index=False, lineterminator="\n").encode()).hexdigest()


def trial_digests(plan: pd.DataFrame) -> dict[str, str]:
    """SHA-256, hex, of what the plan says about each trial, by trial_id; blank cells do not count."""
    rows = validate(plan, PLAN, origin="plan")
    columns = [rows[name].astype(object).where(rows[name].notna(), None).tolist() for name in rows]
    digests = {}
    for trial_id, *cells in zip(rows["trial_id"], *columns, strict=True):
        told = [f"{name}={cell}" for name, cell in zip(rows, cells, strict=True) if cell is not None]
        digests[trial_id] = hashlib.sha256("\x1f".join(told).encode()).hexdigest()
    return digests


def digest_of_trials(digests: Mapping[str, str]) -> str:
    """SHA-256, hex, of ``trial_digests``, regardless of their order."""
    return hashlib.sha256(json.dumps(sorted(digests.items())).encode()).hexdigest()


def bind(connection: sa.Connection, plan: pd.DataFrame, digest: str, name: str) -> None:
    """Bind a database called ``name`` to a plan whose ``plan_hash`` is ``digest``, unless it already is.

    Raises StoreError if the database is of a later version, or if a trial that has been read is missing from the plan
    or differs there. The guest's events are dropped if the plan no longer has their trials.
    """
    row = connection.execute(sa.select(STUDY)).first()
    if row is None:
        connection.execute(STUDY.insert().values(schema_version=SCHEMA_VERSION, plan_sha256=digest))
    elif row.schema_version not in range(1, SCHEMA_VERSION + 1):
        raise StoreError(
            f"{name}: readings database of version {row.schema_version}, this program knows {SCHEMA_VERSION}; "
            "use the program that wrote it"
        )
    elif row.schema_version == SCHEMA_VERSION and row.plan_sha256 == digest:
        return
    METADATA.create_all(connection)
    version = upgrade(connection, row.schema_version if row else SCHEMA_VERSION)
    knows_trials = row is not None and version >= 3
    own = trial_digests(plan)
    is_bound = row is None or row.plan_sha256 == digest
    _check_read(connection, own, knows_trials, is_bound, f"{name}: ", (row and row.plan_sha256, digest))
    connection.execute(TRIALS.delete())
    connection.execute(TRIALS.insert(), [{"trial_id": trial, "digest": own[trial]} for trial in own])
    connection.execute(STUDY.update().values(schema_version=SCHEMA_VERSION, plan_sha256=digest))
    note(connection, "plan", plan_sha256=digest, trials=len(own), trials_sha256=digest_of_trials(own))
    _forget_guest(connection, own)


def _check_read(connection, own: dict[str, str], knows_trials: bool, is_bound: bool, where: str, hashes: tuple) -> None:
    """Raise StoreError if a trial with events of a reader other than the guest is missing or changed in the plan."""
    events = sa.select(EVENTS.c.trial_id).where(EVENTS.c.trial_id.is_not(None), EVENTS.c.reader != GUEST).distinct()
    read = set(connection.scalars(events))
    known = dict(connection.execute(sa.select(*TRIALS.c["trial_id", "digest"])).tuples().all()) if knows_trials else {}
    if is_bound or all(trial in own and known.get(trial) == own[trial] for trial in read):
        return
    raise StoreError(
        f"{where}these readings belong to another plan (theirs {hashes[0]}, this run's {hashes[1]}): trials that have "
        "been read are missing or changed in it; nothing was changed. Restore the plan that they were read with "
        "(06_study_plan then extends it), or choose another RUN"
    )


def _forget_guest(connection, own: dict[str, str]) -> None:
    """Drop the guest's events if one of them belongs to a trial that the plan does not have."""
    mine = EVENTS.c.reader == GUEST
    trials = connection.scalars(sa.select(EVENTS.c.trial_id).where(mine, EVENTS.c.trial_id.is_not(None)))
    if not set(trials) <= set(own):
        drop_readings(connection, [GUEST])
