"""What may be requested on the owner's page: progress by everyone there, commands by owners only."""

import argparse
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field, TypeAdapter, ValidationError
from typing_extensions import TypedDict

from helpers.errors import ReadingError
from helpers.reading.messages import Name
from helpers.reading.owner import progress_by_reader
from helpers.reading.readers import COMMANDS
from helpers.reading.room import StudyInReading
from helpers.reading.strings import owner_texts
from helpers.runs import Run
from helpers.study.accounts import Account, accounts_table, add_account, renew_code
from helpers.study.facts import STRICT, place_of
from helpers.study.frozen_plan import rule_of
from helpers.study.keepers import OWNER, Keeper
from helpers.study.log import note

AT_WORK = ("reading", "on a break")
OLD = 2.0  # seconds: pages that ask within this time share one database query


class OfReader(TypedDict):
    """Request a new access code for a reader, or close or reopen their session."""

    __pydantic_config__ = STRICT
    do: Literal["invite", "close", "reopen"]
    reader: Name
    reason: Annotated[str, Field(max_length=1000)]


class OfAll(TypedDict):
    """Request to close all sessions, or to verify, print or export the record."""

    __pydantic_config__ = STRICT
    do: Literal["close_all", "verify", "log", "export"]


_ASKED = TypeAdapter(Annotated[OfReader | OfAll, Field(discriminator="do")])


def asked_for(message: object) -> dict:
    """The message of a page, if it matches its schema; raises ReadingError otherwise."""
    try:
        return _ASKED.validate_python(message)
    except ValidationError as error:
        raise ReadingError(place_of(error, OfReader, OfAll)) from None


class Overview:
    """Progress of all readers, shared by all pages open at a time."""

    def __init__(self, study: StudyInReading):
        self.study = study
        self._lock, self._at, self._rows = Lock(), float("-inf"), []

    def rows(self) -> list[dict]:
        """One row per reader, as in ``progress_by_reader``, and ``invited``: whether there is an access code."""
        with self._lock:
            if time.monotonic() - self._at > OLD:
                table = _progress(self.study)
                self._rows = table.astype(object).where(table.notna(), None).to_dict("records")
                self._at = time.monotonic()
            return self._rows

    def forget(self) -> None:
        """Drop the cached rows after an action."""
        self._at = float("-inf")


def _progress(study: StudyInReading) -> pd.DataFrame:
    study.refresh()
    table = progress_by_reader(study.store, study.plan, rule_of(Run(study.run)))
    return table.assign(invited=table.reader.isin(accounts_table(study.store).reader))


def carry_out(study: StudyInReading, keeper: Keeper, asked: dict, language: str) -> tuple[str, bytes]:
    """Carry out an owner's request, as the command line does; returns the message and the file of an export.

    Raises ReadingError for a monitor, and for an export while somebody is reading; otherwise as the commands do.
    """
    if keeper.role != OWNER:
        raise ReadingError("only an owner may do this")
    if asked["do"] == "invite":
        said, file = _invited(study, keeper, asked["reader"], language), b""
    else:
        said, file = _commanded(study, asked)
    if asked["do"] not in ("verify", "log"):
        with study.store.writing() as connection:
            note(connection, "owner_page", asked.get("reader"), by=keeper.name, did=asked["do"])
    return said, file


def _invited(study: StudyInReading, keeper: Keeper, reader: str, language: str) -> str:
    """Make a first or a new access code for a reader; returns it in a text in the owner's language."""
    if reader in set(accounts_table(study.store).reader):
        code = renew_code(study.store, reader)
    else:
        code = add_account(study.store, study.plan, Account(reader, language=language))
    return owner_texts(keeper.language)["invited"].format(reader=reader, code=code)


def _commanded(study: StudyInReading, asked: dict) -> tuple[str, bytes]:
    given = argparse.Namespace(run=study.run, database=str(study.database), **_arguments(asked))
    with TemporaryDirectory() as folder:
        if asked["do"] == "export":
            _check_nobody_reads(study)
            given.sealed = str(Path(folder) / f"{study.run}.zip")
        said = COMMANDS[given.command].do(given).replace(f"{folder}/", "")
        file = Path(given.sealed).read_bytes() if asked["do"] == "export" else b""
    return said, file


def _arguments(asked: dict) -> dict:
    """The command, and its arguments as argparse would give them."""
    named = {name: asked.get(name) for name in ("reader", "reason")}
    if asked["do"] in ("close", "close_all"):
        every = asked["do"] == "close_all"
        return {"command": "close", "all": every, "unbegun": False, **named, "reason": named["reason"] or ""}
    blank = {"file": None, "key": "", "anchor": "", "folder": None, "sealed": None, "count_readers": None}
    return {"command": asked["do"], **named, **blank}


def _check_nobody_reads(study: StudyInReading) -> None:
    """Refuse an export while somebody may still read: it reveals the truth, which might reach readers."""
    table = _progress(study)
    reads = table.state.isin(AT_WORK) | (table.state.eq("not begun") & table.invited)
    readers = table.reader[reads & table.kind.ne("simulated") & table.reader.ne("guest")]
    if len(readers):
        raise ReadingError(
            f"{', '.join(readers)} may still read, and an export tells what is true; close their sessions first "
            "(on the command line: close --all --unbegun)"
        )
