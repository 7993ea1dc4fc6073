"""Turns the event log into the readings table that the statistics use, with its codebook."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from helpers.files import sha256, write_text
from helpers.stats import marks
from helpers.study.accounts import COVARIATES, accounts_table
from helpers.study.answer import Answer
from helpers.study.log import note
from helpers.study.phantom_facts import phantom_facts
from helpers.study.record import sessions_of, set_aside
from helpers.study.sealed import record_files, seal, sealed_record
from helpers.study.store import Store
from helpers.study.verification import Record, anchors_of, record_of
from helpers.tables import CUES, READINGS, validate, write_table
from helpers.tasks import PLACES, TASKS

CHAINS = "chains.json"  # says where the chains of the record end; lies beside the readings
PLACE = ", ".join(PLACES)
MARK = "fraction 0 to 1 of the image, blank without a mark"
CODEBOOK = (
    ("reader", "Who read, a name or pseudonym", "text"),
    ("trial_id", "Opaque name of the trial, unique for reader and trial", "text"),
    ("task", "Question asked", ", ".join(TASKS)),
    (
        "case",
        "What was shown, the same for all readers",
        "image_id, or that of the synthetic image and, joined by '+', those of the real ones beside it",
    ),
    (
        "source",
        "Where the image comes from; of several: the synthetic one",
        "real, gan, diffusion, or a generator's name",
    ),
    ("finding", "Finding of the study cell", "one of the study's findings"),
    ("truth", "State of the finding by label (real) or requested condition (synthetic)", "1 present, 0 absent"),
    ("rating", "Answer on the scale of the task", "; ".join(f"{task.name}: {task.scale}" for task in TASKS.values())),
    ("correct", "Whether the answer is right", "1, 0, blank where it is undetermined"),
    ("cue", "Main reason for a decided realism answer", ", ".join(CUES) + "; blank where not asked"),
    (
        "cue_text",
        "Note to the main reason",
        "text or blank; in CSV, an apostrophe precedes what a spreadsheet would take for a formula",
    ),
    ("position", "Place of the trial in the reader's own order, practice and repeats included", "1, 2, 3, ..."),
    ("side", "Place of the synthetic image among several", f"{PLACE}, blank for single images"),
    ("active_ms", "Time from first sight to submission, less idle time", "milliseconds"),
    ("idle_ms", "Time away or without any input in between", "milliseconds"),
    ("submitted_at", "Time of submission; simulated readers have a simulated clock", "ISO 8601 with time zone"),
    ("reader_kind", "Whether a person or a program read", "human, simulated"),
    ("is_practice", "Practice trial, excluded from analysis", "True, False"),
    ("repeat_of", "trial_id of the first showing, where this is a repeat", "text or blank"),
    ("scale", "Scale of the rating: lowest..highest, and where calls begin", "blank: that of the task, -2 to 2"),
    ("cues", "All reasons that the reader ticked, the main one first", "cues joined by ';', blank where not asked"),
    ("mark_x", "Centre of the mark where the main reason or the finding is seen, from the left", MARK),
    ("mark_y", "Centre of the mark, from the top", MARK),
    ("mark_width", "Width of the mark where it is a box", MARK + " or where it is a point"),
    ("mark_height", "Height of the mark where it is a box", MARK + " or where it is a point"),
    ("mark_side", "Place of the image that the mark is on", f"{PLACE}, blank without a mark or for single images"),
    (
        "more_marks",
        "Marks beside this main one, in the order in which they were set",
        "each x y, or x y width height, then the place of its image if there are several; joined by ';'",
    ),
    ("swapped", "Whether the reader had the images in the opposite order", "1, 0, blank for single images"),
    ("experience_years", "Years that the reader has read such images, as the owner entered them", "years or blank"),
    ("subspecialty", "What the reader mostly reads, as the owner entered it", "text or blank"),
    ("template", "Prompt template of a synthetic image that was asked for in words", "name of a template or blank"),
    ("severity", "How severe the finding is in a single phantom", "0 absent, above 0 up to 1; blank where not known"),
    ("ctr", "Cardiothoracic ratio of a single phantom, which defines its heart's label", "ratio or blank"),
)


def codebook() -> pd.DataFrame:
    """Column, meaning and values of the readings table."""
    return pd.DataFrame(CODEBOOK, columns=["column", "meaning", "values"])


def readings_table(
    store: Store, plan: pd.DataFrame, readers: Sequence[str] | None = None, truth: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Every valid answer in the store, or those of the readers named, as a readings table, without undone answers.

    ``truth``: what is known about phantoms (phantom_truth.csv of the cohort), for the columns severity and ctr.
    """
    rows = plan.set_index("trial_id")
    facts = phantom_facts(plan, truth).to_dict("index") if truth is not None else {}
    covariates = accounts_table(store).set_index("reader")[list(COVARIATES)].to_dict("index")
    found = []
    kinds = store.readers()
    for reader, session in sessions_of(store, plan).items():
        if readers is not None and reader not in readers:
            continue
        for trial_id, answer in session.answers.items():
            trial = rows.loc[trial_id]
            correct = TASKS[trial.task].is_right(answer.rating, trial.source, trial.present, trial.side)
            found.append(
                {
                    "reader": reader,
                    "trial_id": trial_id,
                    **trial.filter(items=list(READINGS.columns)),
                    "truth": trial.present,
                    "correct": pd.NA if correct is None else int(correct),
                    "submitted_at": session.submitted[trial_id],
                    "reader_kind": kinds[reader],
                    **asdict(answer),
                    **_reasons_and_marks(answer),
                    "swapped": int(answer.swapped) if TASKS[trial.task].places else pd.NA,
                    **covariates.get(reader, {}),
                    **facts.get(trial_id, {}),
                }
            )
    return validate(pd.DataFrame(found, columns=list(READINGS.columns)), READINGS, origin=store.name)


def _reasons_and_marks(answer: Answer) -> dict:
    x, y, width, height = answer.mark or (None,) * 4
    mark = {"mark_x": x, "mark_y": y, "mark_width": width or None, "mark_height": height or None}
    more = ";".join(marks.as_text(place, side) for place, side in answer.more_marks) or None
    return mark | {"cues": ";".join(answer.cues) or None, "more_marks": more}


def export_readings(
    store: Store,
    plan: pd.DataFrame,
    folder: str | Path,
    readers: Sequence[str] | None = None,
    truth: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Write readings.csv, readings.parquet, codebook.csv, set_aside.csv and chains.json into ``folder``; returns the
    readings table. All of it is from one moment.

    Arguments as in ``readings_table``. ``record.set_aside`` describes set_aside.csv, ``verification.anchors_of``
    chains.json. The log records the export, with the same anchors.
    """
    folder = Path(folder)
    readings, aside, record = _of_one_moment(store, plan, readers, truth)
    chains = anchors_of(record)
    _write(folder, readings, aside)
    write_table(readings, folder / "readings.parquet", READINGS)
    write_text(folder / CHAINS, json.dumps(chains, indent=1, ensure_ascii=False) + "\n")
    facts = {"folder": folder.resolve().name, "readings_sha256": sha256(folder / "readings.csv")}
    _note(store, readings, chains, **facts)
    return readings


def export_sealed(
    store: Store,
    plan: pd.DataFrame,
    file: str | Path,
    key,
    about: Mapping,
    others: Mapping[str, bytes],
    readers: Sequence[str] | None = None,
    truth: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Write a sealed export (``sealed``) with the readings table, which it returns, its codebook, what was set aside
    and the record.

    ``key`` signs it; ``about`` is added to its manifest, and ``others`` are further files in it. Other arguments as in
    ``export_readings``. The log records the export.
    """
    readings, aside, record = _of_one_moment(store, plan, readers, truth)
    files = {**others, **record_files(sealed_record(record))}
    with TemporaryDirectory() as folder:
        _write(Path(folder), readings, aside)
        files |= {path.name: path.read_bytes() for path in Path(folder).iterdir()}
    counted = sorted(set(readings.reader))
    chains = anchors_of(sealed_record(record))
    content = {**about, "plan_sha256": record.plan_sha256, "chains": chains, "readers": counted}
    seal(file, files, content | {"answers": len(readings)}, key)
    _note(store, readings, anchors_of(record), file=Path(file).name, sealed_sha256=sha256(file))
    return readings


def _of_one_moment(store: Store, plan, readers, truth) -> tuple[pd.DataFrame, pd.DataFrame, Record]:
    """The readings table, what was set aside, and the record, all from one moment."""
    with store.at_one_moment() as held:
        readings, aside = readings_table(held, plan, readers, truth), set_aside(held, plan)
        with held.reading() as connection:
            return readings, aside, record_of(connection)


def _write(folder: Path, readings: pd.DataFrame, aside: pd.DataFrame) -> None:
    write_table(readings, folder / "readings.csv", READINGS)
    write_table(codebook(), folder / "codebook.csv")
    write_table(aside, folder / "set_aside.csv")


def _note(store: Store, readings: pd.DataFrame, chains: Mapping, **facts) -> None:
    counted = sorted(set(readings.reader))
    with store.writing() as connection:
        note(connection, "export", **facts, answers=len(readings), readers=counted, chains=chains)
