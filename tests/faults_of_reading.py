"""Random faults while a reader answers: afterwards the same sitting goes on, and every answer is there once."""

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa
import writers
from faults_of_stages import Outcome
from random_faults import CUT, DAMAGE, FULL, KILL, READ_ONLY, Child, Disk, damage, read_only

from helpers.errors import StoreError
from helpers.study.answer import Answer
from helpers.study.backup import back_up, restore
from helpers.study.desk import Desk
from helpers.study.engines import engine_of
from helpers.study.export import readings_table
from helpers.study.session import Session
from helpers.study.store import Store
from helpers.study.trials import trials_of
from helpers.study.verification import faults_of, record_of

FAULTS = (KILL, FULL, READ_ONLY, DAMAGE, CUT)
READER, TRIALS = "ada", 60
SECONDS = 0.6  # within which a fault comes; a reader who is not disturbed takes about as long for all trials


def rating(position: int) -> int:
    return position % 5 - 2


def read_on(address: str | Path, plan, acknowledged: Path) -> None:
    """Answer what is left to answer, and tell each answer that was said to be stored."""
    store = Store(address, plan)
    desk = Desk(store, plan, READER)
    with open(acknowledged, "a", buffering=1) as said:
        while desk.current is not None:
            trial = desk.current
            desk.present()
            desk.answer(trial.trial_id, f"of-{trial.trial_id}", Answer(rating(trial.position)))
            said.write(f"{trial.trial_id}\n")
    store.dispose()


def verify(address: Path, plan) -> None:
    """Raise StoreError where a database is missing, cannot be opened or holds another record than was written."""
    store = Store(address, plan, create=False)
    with store.reading() as connection:
        if faults := faults_of(record_of(connection)):
            raise StoreError("; ".join(faults))


class Sitting:
    """A reader's sitting on a small disk, or at a PostgreSQL server where ``new_database`` makes databases there."""

    def __init__(self, disk: Disk, words: Path, new_database: Callable[[], str] | None = None):
        self.disk, self.words, self.new_database = disk, words, new_database
        self.folder = disk.folder / "run"
        self.acknowledged = words.with_name("acknowledged")
        self.plan = writers.plan_of([READER], TRIALS)

    def disturb(self, seed: int) -> Outcome:
        """Have a sitting disturbed by what the seed draws, and go on with it afterwards."""
        chance = random.Random(seed)
        self.disk.wipe()
        self.folder.mkdir()
        self.acknowledged.write_text("")
        fault, address = chance.choice(FAULTS), self.folder / "readings.sqlite"
        if self.new_database is not None and (fault == CUT or fault == KILL and chance.random() < 0.5):
            address = self.new_database()
        if chance.random() < 0.8:  # else the fault meets the making of the database, too
            Store(address, self.plan).dispose()
        work = lambda: read_on(address, self.plan, self.acknowledged)  # noqa: E731
        child = Child(work, self.words)
        try:
            where = self._fault(fault, address, chance, child)
        finally:
            child.kill()
        disturbed = child.said()
        if fault == DAMAGE:
            where, disturbed = self._damage(address, chance)
        after = Child(work, self.words)
        afterwards = after.said() if after.wait(120) else "did not end"
        after.kill()
        if afterwards == "finished":
            afterwards = self.compare(address)
        return Outcome("reading", fault, where, disturbed, afterwards)

    def _fault(self, fault: str, address, chance: random.Random, child: Child) -> str:
        if fault == FULL:
            left = chance.randrange(1 << 17)
            with self.disk.full(left):
                child.wait(60)
            return f"{left} bytes left"
        moment = chance.uniform(0, SECONDS)
        child.wait(moment)
        if fault == READ_ONLY:
            with read_only(self.folder):
                child.wait(chance.uniform(0, 1))
        elif fault == CUT:
            return self._cut(address, chance, child)
        return f"after {moment:.3f} s"

    def _cut(self, address, chance: random.Random, child: Child) -> str:
        """End every connection of a PostgreSQL database; hold an SQLite database so that nobody else may write."""
        if isinstance(address, str):
            engine = engine_of(address)
            ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
            with engine.connect() as connection:
                connection.execute(sa.text(ended + "AND pid <> pg_backend_pid()"))
            engine.dispose()
            child.wait(60)
            return "PostgreSQL ends its connections"
        seconds = chance.choice([0.2, 1.0, 4.0])
        with sqlite3.connect(address, timeout=10) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            child.wait(seconds)
            connection.rollback()
        child.wait(60)
        return f"SQLite held for {seconds} s"

    def _damage(self, address: Path, chance: random.Random) -> tuple[str, str]:
        """Damage a database of which there is a backup: that must be said, and the backup is put back.

        What was acknowledged since the backup is in the backup here, as nobody reads in between.
        """
        if not address.is_file():
            return "no database yet", "killed"
        backup = self.words.with_name("backup.sqlite")
        backup.unlink(missing_ok=True)
        assert self._owner(lambda: back_up(Store(address, self.plan), backup)) == "finished"
        files = sorted(path for path in self.folder.iterdir() if path.is_file())
        file = chance.choice(files)
        how = damage(file, chance)
        said = self._owner(lambda: verify(address, self.plan))
        if said == "finished":
            return f"{how}: {file.name}", "no fault: every answer still stands"
        put_back = self._owner(lambda: restore(backup, address, self.plan, discard_newer=True))
        assert put_back == "finished", put_back
        return f"{how}: {file.name}", said

    def _owner(self, work: Callable[[], object]) -> str:
        """How a command of the owner ended, which is a process of its own."""
        child = Child(work, self.words)
        ended = child.wait(60)
        child.kill()
        return child.said() if ended else "did not end"

    def compare(self, address) -> str:
        """Whether every answer that was acknowledged is there, all answers are there once, and the record is whole."""
        store = Store(address, self.plan)
        with store.reading() as connection:
            faults = faults_of(record_of(connection))
        events = store.events(READER)
        answers = Session(trials_of(self.plan, READER), events).answers
        table = readings_table(store, self.plan)
        store.dispose()
        kept, said = list(answers), set(self.acknowledged.read_text().split())
        given = [event.trial_id for event in events if event.kind == "answered"]
        if faults:
            return f"record: {faults[0]}"
        if lost := said - set(given):
            return f"lost: {sorted(lost)[:3]}"
        if len(given) != len(set(given)) or len(table) != TRIALS or kept != list(self.plan["trial_id"]):
            return f"doubled or missing: {len(given)} answers, {len(set(given))} trials, {len(table)} readings"
        wrong = [a for a, p in zip(answers.values(), self.plan["position"], strict=True) if a.rating != rating(p)]
        return "equal" if not wrong else f"wrong: {wrong[:3]}"
