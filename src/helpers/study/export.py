"""From the event log to the readings table that statistics read, with its codebook."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.study.session import Event, Session, trials_of
from helpers.study.store import Store
from helpers.tables import CUES, READINGS, REAL, required_columns, validate, write_table

CODEBOOK = (
    ("reader", "Who read, a name or pseudonym", "text"),
    ("trial_id", "Opaque name of the trial, unique for reader and trial", "text"),
    ("task", "Question asked", "realism_pair, realism_single, conditionality"),
    ("case", "What was shown, the same for all readers", "image_id, or synthetic image_id+real image_id of a pair"),
    (
        "source",
        "Where the image comes from; of a pair: its synthetic image",
        "real, gan, diffusion, or a generator's name",
    ),
    ("finding", "Finding of the study cell", "one of the four findings"),
    ("truth", "State of the finding by label (real) or requested condition (synthetic)", "1 present, 0 absent"),
    (
        "rating",
        "Answer on the five-point scale",
        "realism_pair: -2 definitely left is synthetic .. 2 definitely right; realism_single: -2 definitely real .. "
        "2 definitely synthetic; conditionality: -2 definitely not present .. 2 definitely present; 0 undetermined",
    ),
    ("correct", "Whether the sign of the rating is right", "1, 0, blank where the rating is 0"),
    ("cue", "Main reason for a decided realism answer", ", ".join(CUES) + "; blank where not asked"),
    ("cue_text", "Note to the main reason", "text or blank"),
    ("position", "Place of the trial in the reader's own order, practice and repeats included", "1, 2, 3, ..."),
    ("side", "Side of the synthetic image of a pair", "left, right, blank for single images"),
    ("active_ms", "Time from first sight to submission, less idle time", "milliseconds"),
    ("idle_ms", "Time away or without any input in between", "milliseconds"),
    ("submitted_at", "Moment of submission; simulated readers have a clock of their own", "ISO 8601 with time zone"),
    ("reader_kind", "Whether a person or a program read", "human, simulated"),
    ("is_practice", "Practice trial, excluded from analysis", "True, False"),
    ("repeat_of", "trial_id of the first showing, where this is a repeat", "text or blank"),
)


def codebook() -> pd.DataFrame:
    """Column, meaning and values of the readings table."""
    return pd.DataFrame(CODEBOOK, columns=["column", "meaning", "values"])


def expected_sign(task: str, source: str, present: int, side: str | None) -> int:
    """Sign of the right rating of a trial: -1 or 1."""
    if task == "realism_pair":
        return 1 if side == "right" else -1
    if task == "realism_single":
        return -1 if source == REAL else 1
    return 1 if present else -1


def readings_table(store: Store, plan: pd.DataFrame, readers: Sequence[str] | None = None) -> pd.DataFrame:
    """Every valid answer in the store, or those of the readers named, as a readings table; undone answers are out."""
    rows = plan.set_index("trial_id")
    found = []
    for reader, kind in store.readers().items():
        if readers is not None and reader not in readers:
            continue
        events = store.events(reader)
        session = Session(trials_of(plan, reader), events)
        submitted = _submission_times(events)
        for trial_id, answer in session.answers.items():
            trial = rows.loc[trial_id]
            sign = expected_sign(trial.task, trial.source, trial.present, trial.side)
            found.append(
                {
                    "reader": reader,
                    "trial_id": trial_id,
                    **{name: trial[name] for name in ("task", "case", "source", "finding", "position", "side")},
                    **{name: trial[name] for name in ("is_practice", "repeat_of")},
                    "truth": trial.present,
                    "rating": answer.rating,
                    "correct": pd.NA if answer.rating == 0 else int(np.sign(answer.rating) == sign),
                    "cue": answer.cue,
                    "cue_text": answer.cue_text,
                    "active_ms": answer.active_ms,
                    "idle_ms": answer.idle_ms,
                    "submitted_at": submitted[trial_id],
                    "reader_kind": kind,
                }
            )
    return validate(pd.DataFrame(found, columns=required_columns(READINGS)), READINGS, origin=store.name)


def export_readings(
    store: Store, plan: pd.DataFrame, folder: str | Path, readers: Sequence[str] | None = None
) -> pd.DataFrame:
    """Write readings.csv, readings.parquet and codebook.csv into ``folder``; returns the readings table."""
    readings = readings_table(store, plan, readers)
    write_table(readings, Path(folder) / "readings.csv", READINGS)
    write_table(readings, Path(folder) / "readings.parquet", READINGS)
    write_table(codebook(), Path(folder) / "codebook.csv")
    return readings


def _submission_times(events: list[Event]) -> dict[str, str]:
    """Moment of the last answer to each trial."""
    return {event.trial_id: event.at for event in events if event.kind == "answered"}
