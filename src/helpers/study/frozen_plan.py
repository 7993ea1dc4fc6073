"""The frozen plan: what was decided before the first reading counted, with its date and digest, and what changed since.

``frozen_plan.json`` in the run's folder holds the plan's digest, the readers, what is excluded, every parameter of the
notebooks that analyse the plan's tasks (primary questions, margin, scale, rule for undetermined answers), and digests
of their code. Until a reading counts it follows the study: it is rewritten when something changes, and keeps its
earlier versions. After that it is never rewritten. Changes are not refused but listed, each with the time at which it
was first seen (``frozen_plan_changes.csv``).
"""

import ast
import hashlib
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import sqlalchemy as sa
from filelock import FileLock

from helpers.dependencies import PACKAGE, code_of, modules_of
from helpers.files import write_text
from helpers.notebooks import code_of_cells, notebook_parameters
from helpers.parameters import read_params
from helpers.provenance import git_state, read_manifest
from helpers.runs import Run, stages_with
from helpers.study.binding import plan_hash
from helpers.study.database import readings_database
from helpers.study.engines import connected
from helpers.study.schema import EVENTS, READERS, STUDY
from helpers.study.settings import GUEST
from helpers.study.store import READER_KINDS
from helpers.tables import PLAN, read_table
from helpers.tasks import NOTEBOOKS_OF_TASKS

PARAMS = "HELPERS_PARAMS"  # environment variable: the params file that the chain runs with
OF_PLACE = ("run", "readings")  # parameters of a notebook that say where readings are, not how they are analysed
EXCLUSIONS = "practice trials, repeated trials, answers taken back, the reader guest"
CHANGES = ["key", "frozen", "present", "since"]
SHOWN = 28  # characters of a value that are shown to people


def freeze(run: Run, params: str | Path | None = None, reading: Mapping | None = None) -> dict:
    """Write the frozen plan of a run that has a study plan, or leave it as it is; returns it.

    ``params``: the params file, None for $HELPERS_PARAMS; without either, earlier decisions or else the notebooks' own
    values are used. ``reading``: parameters of notebook 07, if they are known from elsewhere. The plan is written if
    there is none, and if it differs and no reading counts yet. Readings that count are people's answers to trials
    outside practice, and simulated answers to this very plan. Raises ParameterError if the params file cannot be used,
    StoreError if the database cannot be read.
    """
    params = params or os.environ.get(PARAMS)
    plan = read_table(run.stage_folder("06_study_plan") / "plan.csv", PLAN)
    before = read(run)
    sections = read_params(params) if params else {}
    reading = reading or sections.get("07_reading") or notebook_parameters("07_reading")
    content = _content(plan, sections, reading, before["content"] if before else {})
    counted = answers_that_count(readings_database(run.name, reading["database"], reading["readers_are"]), plan)
    if before and (counted or before["content"] == content):
        return before
    version = {name: before[name] for name in ("frozen_at", "digest", "content")} if before else None
    frozen = {
        "frozen_at": _now(),
        "digest": _digest(content),
        "answers_before": counted,
        "git": git_state(),
        "content": content,
        "earlier": [*before["earlier"], version] if before else [],
    }
    write_text(path_of(run), json.dumps(frozen, indent=1, ensure_ascii=False) + "\n")
    return frozen


def path_of(run: Run) -> Path:
    """The file of a run's frozen plan."""
    return run.folder / "frozen_plan.json"


def changes_of(run: Run) -> Path:
    """The file that lists what changed since the plan was frozen."""
    return run.folder / "frozen_plan_changes.csv"


def read(run: Run) -> dict | None:
    """The frozen plan of a run: frozen_at, digest, answers_before, git, content, earlier; None if there is none."""
    path = path_of(run)
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def rule_of(run: Run) -> str:
    """The rule by which people count in a run, as frozen with its plan; the notebook's own if none was frozen."""
    frozen = read(run)
    content = frozen["content"] if frozen else {}
    return content.get("count_readers") or notebook_parameters("07_reading")["count_readers"]


def answers_that_count(address: str | Path, plan: pd.DataFrame) -> int:
    """Number of answers in a readings database that count for a plan; 0 if there is no database yet."""
    if isinstance(address, Path) and not address.is_file():
        return 0
    wanted = sa.select(EVENTS.c.trial_id, READERS.c.kind).join(READERS)
    wanted = wanted.where(EVENTS.c.kind == "answered", READERS.c.reader != GUEST)
    with connected(address) as connection:
        known = sa.inspect(connection).has_table(READERS.name)
        answers = connection.execute(wanted).all() if known else []
        bound = connection.scalar(sa.select(STUDY.c.plan_sha256)) if known else None
    practice = set(plan.loc[plan["is_practice"], "trial_id"])
    kinds = READER_KINDS if bound == plan_hash(plan) else ("human",)
    return sum(answer.trial_id not in practice and answer.kind in kinds for answer in answers)


def changes(run: Run, ran_with: Mapping[str, Mapping], readings: pd.DataFrame) -> pd.DataFrame:
    """What differs from the frozen plan: key, frozen, present (as text), since (ISO time); empty if nothing does.

    ``ran_with``: parameters of the analysis notebooks, by stage; ``readings``: the table that they read. Every
    change is entered in ``frozen_plan_changes.csv`` when it is first seen. Empty for a run without a frozen plan.
    """
    frozen = read(run)
    if frozen is None:
        return pd.DataFrame(columns=CHANGES)
    present = _of_plan(read_table(run.stage_folder("06_study_plan") / "plan.csv", PLAN))
    present |= {"readers": sorted(set(readings["reader"])), "exclusions": EXCLUSIONS}
    present["readers_are"] = " and ".join(sorted(set(readings["reader_kind"])))
    if run.manifest("07_reading").is_file():
        present["count_readers"] = read_manifest(run, "07_reading")["parameters"]["count_readers"]
    for stage, parameters in ran_with.items():
        present |= _parameters(stage, parameters) | _digests(stage)
    wanted = frozen["content"] | {"readers": sorted(frozen["content"]["readers"])}
    pairs = {key: (_text(wanted[key]) if key in wanted else "", _text(value)) for key, value in present.items()}
    seen = _entered(run, pairs)
    rows = [(key, was, now, seen[key]) for key, (was, now) in pairs.items() if was != now]
    return pd.DataFrame(rows, columns=CHANGES)


def check(run: Run, ran_with: Mapping[str, Mapping], readings: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """A statement about a run's frozen plan, and what changed since, for people: Key, Frozen, Present, Since.

    Arguments as in ``changes``. A notebook whose parameter ``readings`` names a table of its own has no frozen plan.
    """
    own = {stage: parameters for stage, parameters in ran_with.items() if parameters.get("readings") is None}
    foreign = [stage for stage in ran_with if stage not in own]
    said = [f"Readings from an external table ({', '.join(foreign)}): no plan was frozen for them here."] * bool(
        foreign
    )
    changed = changes(run, own, readings) if own else pd.DataFrame(columns=CHANGES)
    said += [statement(run, changed)] * bool(own)
    shown = changed.assign(since=changed["since"].map(day))
    for name in ("frozen", "present"):
        shown[name] = changed[name].map(lambda text: text if len(text) <= SHOWN else f"{text[:SHOWN]}…")
    return " ".join(said), shown.rename(columns=str.capitalize)


def statement(run: Run, changed: pd.DataFrame) -> str:
    """In a few sentences: when the plan was frozen, whether before the first reading, and how much changed."""
    frozen = read(run)
    if frozen is None:
        return "No plan was frozen in this run: nothing shows that its questions were chosen before the readings."
    when, digest = day(frozen["frozen_at"]), frozen["digest"][:12]
    said = [f"Analysed as frozen on {when} (digest {digest})" if changed.empty else f"The plan was frozen on {when}"]
    said[0] += f" (digest {digest})" if len(changed) else ""
    answers = frozen["answers_before"]
    said[0] += f", when {answers} answers had been given: not in advance" if answers else ", before the first reading"
    if frozen["earlier"]:
        dates = ", ".join(day(version["frozen_at"]) for version in frozen["earlier"])
        said.append(f"It replaces earlier versions ({dates}), made while no reading counted")
    if len(changed):
        count = f"{len(changed)} entries differ" if len(changed) > 1 else "One entry differs"
        said.append(f"{count} from it since: {', '.join(changed['key'])}")
    if was_edited(frozen):
        said.append(f"{path_of(run).name} was edited after it was written: its digest does not fit")
    return ". ".join(said) + "."


def was_edited(frozen: Mapping) -> bool:
    """Whether a frozen plan is not what its digest says."""
    return frozen["digest"] != _digest(frozen["content"])


def day(moment: str) -> str:
    """An ISO time as people write it: 27 November 2026, 15:14 UTC."""
    return datetime.fromisoformat(moment).strftime("%d %B %Y, %H:%M UTC").lstrip("0")


def _content(plan: pd.DataFrame, sections: Mapping, reading: Mapping, before: Mapping) -> dict:
    """What is frozen, by key; parameters and digests of a notebook have the key ``<stage>.<name>``."""
    stages = [stage for stage in stages_with(set(plan["task"])) if stage in NOTEBOOKS_OF_TASKS]
    decided = {}
    for stage in stages:
        decided |= _parameters(stage, sections.get(stage) or notebook_parameters(stage))
    if not sections:
        decided |= {key: value for key, value in before.items() if key in decided}
    readers = [reader for reader in dict.fromkeys(plan["reader"]) if reader != GUEST]
    content = {"readers": readers, "readers_are": reading["readers_are"], "exclusions": EXCLUSIONS}
    content |= {"count_readers": reading["count_readers"]} | _of_plan(plan) | decided
    for stage in stages:
        content |= _digests(stage)
    return json.loads(json.dumps(content, default=str))


def _of_plan(plan: pd.DataFrame) -> dict:
    main = plan[~plan["is_practice"] & plan["repeat_of"].isna() & (plan["reader"] != GUEST)]
    trials = main.groupby("task", sort=False).size() // max(1, main["reader"].nunique())
    return {"plan": plan_hash(plan), "trials_per_reader": {task: int(count) for task, count in trials.items()}}


def _parameters(stage: str, parameters: Mapping) -> dict:
    return {f"{stage}.{name}": value for name, value in parameters.items() if name not in OF_PLACE}


def _digests(stage: str) -> dict[str, str]:
    return {f"{stage}.statistics": statistics_code(stage), f"{stage}.cells": _code_of_notebook(stage)}


def statistics_code(stage: str) -> str:
    """``code_of`` the statistics modules that a notebook imports, directly or indirectly."""
    files = [file for file in modules_of(stage) if file.is_relative_to(PACKAGE / "stats")]
    parts = [file.relative_to(PACKAGE.parent).with_suffix("").parts for file in files]
    return code_of(*(".".join(p[:-1] if p[-1] == "__init__" else p) for p in parts))


def _code_of_notebook(stage: str) -> str:
    """Digest of a notebook's code without its parameters, comments and layout."""
    own = [code for code in code_of_cells(stage) if code not in code_of_cells(stage, "parameters")]
    return hashlib.sha256("\n".join(ast.dump(ast.parse(code)) for code in own).encode()).hexdigest()


def _entered(run: Run, pairs: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """Enter changes since the last entry, also back to the frozen value; returns the time of each key's last change."""
    path = changes_of(run)
    with FileLock(path.with_name(f".{path.stem}.lock")):
        table = pd.read_csv(path, dtype=str, keep_default_na=False) if path.is_file() else pd.DataFrame(columns=CHANGES)
        last = table.drop_duplicates("key", keep="last").set_index("key")["present"].to_dict()
        news = [(k, frozen, now, _now()) for k, (frozen, now) in pairs.items() if now != last.get(k, frozen)]
        if news:
            table = pd.concat([table, pd.DataFrame(news, columns=CHANGES)], ignore_index=True)
            write_text(path, table.to_csv(index=False, lineterminator="\n"))
    return table.drop_duplicates("key", keep="last").set_index("key")["since"].to_dict()


def _text(value) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)


def _digest(content: Mapping) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
