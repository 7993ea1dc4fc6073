"""Kills the server of the reading room again and again while readers answer on real websockets.

``python scripts/kills.py 126 --seed 1 --log benchmarks/kills.csv`` kills it (SIGKILL) at random moments and starts it
again. It adds a line for each kill to the log: when it came, how many answers were on their way, how many are stored.
Readers come back with their tickets. Every acknowledged answer must be stored exactly once, and the record must be
intact; the exit code says whether this is so.
"""

import argparse
import asyncio
import csv
import os
import random
import sys
import tempfile
from pathlib import Path

from helpers.reading.room import open_study
from helpers.runs import PROJECT
from helpers.study.accounts import Account, add_account

sys.path.insert(0, str(PROJECT / "tests"))
from readers_who_come_back import Reader, RoomProcess, faults_of_answers
from study_of_pairs import make_study

COLUMNS = ("seed", "kill", "after_answers", "and_seconds", "on_the_way", "stored", "faults")
READERS, TRIALS, SIZE = 8, 500, 64
MOST_ANSWERS, MOST_SECONDS = 20, 0.1  # from one start to the next kill, at random; 0 answers: while readers enter


async def killed(kills: int, seed: int, room: RoomProcess, readers: list[Reader], store, log) -> list[str]:
    """Kill the server ``kills`` times while readers read; returns what is wrong at the end."""
    chance, until = random.Random(seed), asyncio.Event()
    tasks = [asyncio.create_task(reader.read(until)) for reader in readers]
    for number in range(1, kills + 1):
        more, moment = chance.randint(0, MOST_ANSWERS), chance.uniform(0, MOST_SECONDS)
        until_then = answered(readers) + more
        while answered(readers) < until_then:
            await asyncio.sleep(0.001)
        await asyncio.sleep(moment)
        room.kill()
        await asyncio.sleep(0)  # so that what was sent before the kill is read
        on_the_way = sum(reader.unanswered is not None for reader in readers)
        faults = faults_of_answers(store, readers, on_the_way=True)
        stored = sum(event.kind == "answered" for reader in readers for event in store.events(reader.name))
        log.writerow([seed, number, more, f"{moment:.3f}", on_the_way, stored, "; ".join(faults)])
        await asyncio.to_thread(room.start)
    until.set()
    await asyncio.gather(*tasks)
    return faults_of_answers(store, readers)


def answered(readers: list[Reader]) -> int:
    return sum(len(reader.acknowledged) for reader in readers)


def main() -> int:
    """Read, kill, and count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kills", type=int)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, required=True)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as workspace:
        os.environ["HELPERS_WORKSPACE"] = workspace
        names = [f"reader-{number}" for number in range(READERS)]
        run = make_study("kills", names, TRIALS, SIZE)
        plan, store = open_study(run.name)
        codes = [add_account(store, plan, Account(name)) for name in names]
        with RoomProcess.serving(f"--run={run.name}") as room, open(chosen.log, "a", newline="", buffering=1) as file:
            readers = [Reader(name, code, room.address) for name, code in zip(names, codes, strict=True)]
            for reader in readers:
                reader.enter()
            log = csv.writer(file, lineterminator="\n")
            if not file.tell():
                log.writerow(COLUMNS)
            faults = asyncio.run(killed(chosen.kills, chosen.seed, room, readers, store, log))
        answers, lost = answered(readers), sum(reader.lost for reader in readers)
        codes = sum(reader.codes for reader in readers)
        store.dispose()
    print(f"{chosen.kills} kills, {lost} lost connections, {answers} answers, {READERS} readers, {codes} codes")
    print("\n".join(faults) or "Every acknowledged answer is there, once, and the record is whole.")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main())
