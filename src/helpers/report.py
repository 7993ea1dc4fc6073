"""The report of a run: one self-contained HTML page, and every number that it prints in results.json."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import jinja2
import pandas as pd

from helpers.figures.style import TASK_TITLES, finding_title, source_title, use_findings
from helpers.files import write_text
from helpers.provenance import effective_parameters, findings_of, read_manifest, read_results, shows_phantoms, stages_of
from helpers.report_answers import headline, interval, sentences
from helpers.report_checklist import checklist
from helpers.report_front import questions, strip
from helpers.report_sections import as_html, section_parts, sections_of
from helpers.runs import Run
from helpers.stats.readings import source_order
from helpers.study import frozen_plan
from helpers.tables import READINGS, SAMPLES, read_table
from helpers.tasks import NOTEBOOKS_OF_TASKS

TEMPLATE = Path(__file__).with_name("report.html")


@dataclass(frozen=True)
class Answers:
    """What a run found, in brief: what is simulated, the table of answers, sentences, and every number by name."""

    notes: list[str]
    mark: str
    table: pd.DataFrame
    sentences: dict[str, list[str]]  # by stage of the question
    numbers: dict[str, dict]


def read_readings(run: Run) -> pd.DataFrame:
    """The run's readings table."""
    return read_table(run.stage_folder("07_reading") / "readings.csv", READINGS)


def answers(run: Run) -> Answers:
    """Collect the recorded numbers of every finished stage of a run."""
    readings = read_readings(run)
    kinds, phantom = set(readings["reader_kind"]), shows_phantoms(run)
    notes, marks = [], []
    if kinds == {"simulated"}:
        notes.append("All readers are simulated: computer programs that look at the pixels. No person read an image.")
        marks.append("Simulated readers.")
    elif "simulated" in kinds:
        notes.append("Some readers are simulated: averages over readers mix people and programs.")
        marks.append("Human and simulated readers.")
    if phantom:
        notes.append("All “real” images are phantoms drawn by a program. Nothing here is about patients.")
        marks.append("Phantom images.")
    numbers = {row.pop("name"): row for row in read_results(run)}
    sources = source_order(readings["source"])
    return Answers(notes, " ".join(marks), headline(numbers, sources), sentences(numbers, sources), numbers)


def condition_semantics(run: Run) -> str:
    """Say what "absent" meant for each source: the finding alone, or a prompt such as "no findings"."""
    samples = read_table(run.stage_folder("04_sample") / "samples.csv", SAMPLES)
    text = (
        "A study cell is one finding, present or absent, with the other findings unspecified, for every source alike: "
        "“absent” means that this finding is absent, not that the image is normal."
    )
    for source, group in samples[samples["prompt"].notna()].groupby("source"):
        prompts = group.drop_duplicates(["finding", "present"]).sort_values(["finding", "present"])
        words = [
            f"{finding_title(row.finding)} {'present' if row.present else 'absent'}: “{row.prompt}”"
            for row in prompts.itertuples()
        ]
        text += f" {source_title(source)} was prompted in words instead: {'; '.join(words)}."
    return text


def small_cells(run: Run) -> list[str]:
    """One sentence for each study cell that has fewer trials than the plan asked for, for lack of images."""
    path = run.stage_folder("06_study_plan") / "small_cells.csv"
    table = pd.read_csv(path) if path.is_file() else pd.DataFrame()
    return [
        f"{TASK_TITLES[row.task]}, {source_title(row.source)}, {finding_title(row.finding)} "
        f"{'present' if row.present else 'absent'}: {row.used} of {row.asked}"
        for row in table.itertuples()
    ]


def provenance(run: Run) -> list[dict]:
    """One row for each finished stage: code, start, seconds."""
    rows = []
    for stage in stages_of(run):
        if run.manifest(stage).is_file():
            manifest = read_manifest(run, stage)
            changed = ", with uncommitted changes" if manifest["git"]["dirty"] else ""
            rows.append(
                {
                    "stage": stage,
                    "code": (manifest["git"]["commit"] or "not under git")[:12] + changed,
                    "started": manifest["started_at"],
                    "seconds": manifest["wall_seconds"],
                }
            )
    return rows


def parameters(run: Run) -> list[dict]:
    """One row for each parameter of each finished stage: its value, the notebook's default, and whether they differ."""
    rows = effective_parameters(run).to_dict("records")
    for row in rows:
        value, default = (json.dumps(row[name], default=str, ensure_ascii=False) for name in ("value", "default"))
        row |= {"value": value, "default": default, "differs": json.loads(value) != json.loads(default)}
    return rows


def counting(numbers: dict[str, dict]) -> str:
    """By which rule people are counted, and how many who began are left out; empty if readers are simulated."""
    number = numbers.get("reading.readers_left_out")
    if number is None:
        return ""
    return f"{number['method']}; {number['value']:.0f} of {number['n']} who have begun left out."


def as_frozen(run: Run, readings: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """What to say about the plan that was frozen before the readings, and the table of what has changed since."""
    ran = [stage for stage in NOTEBOOKS_OF_TASKS if run.manifest(stage).is_file()]
    return frozen_plan.check(run, {stage: read_manifest(run, stage)["parameters"] for stage in ran}, readings)


def build(run: Run) -> Path:
    """Write ``report.html`` and ``results.json`` of a run whose other stages have finished; returns the former."""
    findings = findings_of(run)
    use_findings(findings)
    found, phantom = answers(run), shows_phantoms(run)
    cohort, readings = read_manifest(run, "01_cohort")["parameters"], read_readings(run)
    frozen, changed = as_frozen(run, readings)
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    page = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        run=run.name,
        made=datetime.now(UTC).strftime("%d %B %Y, %H:%M UTC"),
        found=found,
        headline=as_html(found.table),
        questions=questions(run, found.sentences),
        strip=strip(run) if phantom else None,
        phantom=phantom,
        simulated="simulated" in set(readings["reader_kind"]),
        cohort=cohort,
        semantics=condition_semantics(run),
        small_cells=small_cells(run),
        sections=[section_parts(run, section, phantom) for section in sections_of(run)],
        findings=[finding.title for finding in findings],
        readers=readings.groupby(["reader", "reader_kind"]).size().reset_index(name="readings").to_dict("records"),
        counting=counting(found.numbers),
        numbers=[{"name": name, "text": interval(number, 3)} | number for name, number in found.numbers.items()],
        provenance=provenance(run),
        parameters=parameters(run),
        frozen=frozen,
        changed=changed.to_dict("records"),
        checklist=checklist(run).to_dict("records"),
    )
    content = {"run": run.name, "notes": found.notes, "numbers": found.numbers}
    write_text(run.results, json.dumps(content, indent=1, sort_keys=True) + "\n")
    write_text(run.report, page)
    return run.report
