"""The report of a run: one self-contained HTML page, and every number it prints in results.json."""

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import jinja2
import pandas as pd
from markupsafe import Markup

from helpers.figures.agreement import MEASURE_TITLES
from helpers.figures.readable import both_conclusions
from helpers.figures.style import SOURCE_TITLES, finding_title, source_title
from helpers.files import write_text
from helpers.findings import NAMES
from helpers.provenance import read_manifest, read_results, shows_phantoms
from helpers.report_text import CAPTIONS, SECTIONS
from helpers.runs import STAGES, Run
from helpers.tables import READINGS, REAL, SAMPLES, read_table

TEMPLATE = Path(__file__).with_name("report.html")
LIKE_SUFFIX = ".readers_like_these"


@dataclass(frozen=True)
class Picture:
    """A figure of the report: its PNG as a data URL, and what it shows."""

    url: str
    caption: str


def banners(run: Run, readings: pd.DataFrame) -> list[str]:
    """What a reader of the report must know first: simulated readers, phantom images; empty for people and patients."""
    lines = []
    kinds = set(readings["reader_kind"])
    if kinds == {"simulated"}:
        lines.append("All readers are simulated: computer programs that look at the pixels. No person read an image.")
    elif "simulated" in kinds:
        lines.append("Some readers are simulated: averages over readers mix people and programs.")
    if shows_phantoms(run):
        lines.append("All “real” images are phantoms drawn by a program. Nothing here is about patients.")
    return lines


def results(run: Run, notes: list[str]) -> dict:
    """Content of results.json: run, notes, and every recorded number by name, free of times of day and of durations."""
    numbers = {row.pop("name"): row for row in read_results(run)}
    return {"run": run.name, "notes": notes, "numbers": numbers}


def headline(numbers: dict, sources: list[str]) -> list[dict]:
    """The study's answers, one row for each source: accuracy, AUC and Fréchet distance with intervals, as text."""
    rows = []
    for source in [REAL, *[s for s in sources if s != REAL]]:
        names = {
            "accuracy": f"realism.{source}.accuracy",
            "auc": f"conditionality.{source}.auc",
        }
        row = {"source": source_title(source)}
        for column, name in names.items():
            row[column] = interval(numbers.get(name))
            row[f"{column}_like"] = interval(numbers.get(name + LIKE_SUFFIX), bounds_only=True)
        row["distance"] = interval(numbers.get(f"metrics.{source}.frechet_distance"), decimals=1)
        rows.append(row)
    return rows


def interval(number: dict | None, decimals: int = 2, bounds_only: bool = False) -> str:
    """``0.64 (0.55 to 0.71)`` of a recorded number; a dash where there is none."""
    if number is None or number["value"] is None:
        return "–"
    bounds = "interval not estimable"
    if number["low"] is not None and number["high"] is not None:
        bounds = f"{number['low']:.{decimals}f} to {number['high']:.{decimals}f}"
    return bounds if bounds_only else f"{number['value']:.{decimals}f} ({bounds})"


def sentences(numbers: dict, sources: list[str]) -> list[str]:
    """The two answers of the study in words, one sentence for each source and question, from the numbers alone."""
    lines = []
    for source in sources:
        number = numbers.get(f"realism.{source}.accuracy{LIKE_SUFFIX}") or {}
        if number.get("low") is not None:
            verdict = "cannot be told apart from guessing with this many readers and cases"
            verdict = "better than guessing: these images can be told from real ones" if number["low"] > 0.5 else verdict
            verdict = "worse than guessing: they pass for real more often than real images do" if number["high"] < 0.5 else verdict
            share = f"{100 * number['value']:.0f} % ({100 * number['low']:.0f} to {100 * number['high']:.0f} %)"
            lines.append(f"{source_title(source)} images were told from real ones in {share} of pairs: {verdict}.")
    for source in sources:
        number = numbers.get(f"conditionality.difference.{REAL}_minus_{source}{LIKE_SUFFIX}") or {}
        if number.get("low") is not None:
            verdict = "no difference can be shown"
            verdict = "less clearly than real images do" if number["low"] > 0 else verdict
            verdict = "more clearly than real images do" if number["high"] < 0 else verdict
            change = f"{-number['value']:+.2f} ({-number['high']:+.2f} to {-number['low']:+.2f})".replace("-", "−")
            lines.append(f"{source_title(source)} images show the asked finding: {verdict} (AUC against real: {change}).")
    return lines


def pictures(run: Run, stage: str, with_images: bool) -> list[Picture]:
    """Figures that a stage saved, those with images only when they may be shown."""
    folders = [run.figures] + ([run.figures / "images"] if with_images else [])
    found = sorted(path for folder in folders for path in folder.glob(f"{stage}_*.png"))
    named = {path.stem.removeprefix(f"{stage}_"): path for path in found}
    order = [name for name in CAPTIONS.get(stage, {}) if name in named]
    order += [name for name in named if name not in order]
    return [Picture(_data_url(named[name]), CAPTIONS.get(stage, {}).get(name, _plain(name))) for name in order]


def provenance(run: Run) -> list[dict]:
    """One row for each finished stage: parameters, commit, time; the report's own stage is still running."""
    rows = []
    for stage in STAGES:
        if run.manifest(stage).is_file():
            manifest = read_manifest(run, stage)
            commit = (manifest["git"]["commit"] or "not under git")[:12]
            changed = " with uncommitted changes" if manifest["git"]["dirty"] else ""
            settings = {key: value for key, value in manifest["parameters"].items() if key != "run"}
            rows.append(
                {
                    "stage": stage,
                    "commit": commit + changed,
                    "started": manifest["started_at"],
                    "seconds": manifest["wall_seconds"],
                    "parameters": json.dumps(settings, default=str),
                }
            )
    return rows


def build(run: Run) -> Path:
    """Write ``report.html`` and ``results.json`` of a run; returns the report's path.

    Raises RunError or TableError when a stage before has not finished.
    """
    readings = read_table(run.stage_folder("07_reading") / "readings.csv", READINGS)
    notes = banners(run, readings)
    found = results(run, notes)
    numbers = found["numbers"]
    sources = [s for s in dict.fromkeys([*SOURCE_TITLES, *sorted(set(readings["source"]))]) if s in set(readings["source"])]
    synthetic = [s for s in sources if s != REAL]
    phantom = shows_phantoms(run)
    cohort = read_manifest(run, "01_cohort")["parameters"]
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined)
    page = environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        run=run.name,
        made=datetime.now(UTC).strftime("%d %B %Y, %H:%M UTC"),
        notes=notes,
        phantom=phantom,
        cohort=cohort,
        sentences=sentences(numbers, synthetic),
        headline=headline(numbers, sources),
        sections=[_section(run, section, phantom) for section in SECTIONS],
        simulated="simulated" in set(readings["reader_kind"]),
        mark=" ".join(note.split(":")[0].split(".")[0] + "." for note in notes),
        semantics=condition_semantics(run),
        findings=[finding_title(name) for name in NAMES],
        readers=readings.groupby(["reader", "reader_kind"]).size().reset_index(name="readings").to_dict("records"),
        numbers=[{"name": name, **number, "text": interval(number, 3)} for name, number in numbers.items()],
        provenance=provenance(run),
    )
    write_text(run.results, json.dumps(found, indent=1, sort_keys=True) + "\n")
    write_text(run.report, page)
    return run.report


def _section(run: Run, section: dict, with_images: bool) -> dict:
    """A section of the report with its tables as HTML and its figures."""
    shown = []
    for name, index, title in section["tables"]:
        path = run.stage_folder(section["stage"]) / name
        table = pd.read_csv(path, keep_default_na=True) if path.is_file() else pd.DataFrame()
        if len(table):
            table = table.assign(note=table["note"].fillna("")).replace({"measure": MEASURE_TITLES})
            shown.append(Markup(both_conclusions(table, index, title=title).to_html(border=0)))
    return {**section, "shown": shown, "pictures": pictures(run, section["stage"], with_images)}


def condition_semantics(run: Run) -> str:
    """In words, what "absent" was for each source: the finding alone, or a prompt such as "no findings"."""
    samples = read_table(run.stage_folder("04_sample") / "samples.csv", SAMPLES)
    prompted = samples[samples["prompt"].notna()]
    text = (
        "A study cell is one finding, present or absent, with the other findings left open, for every source alike: "
        "“absent” means that this finding is absent, not that the image is normal."
    )
    for source, group in prompted.groupby("source"):
        prompts = group.drop_duplicates(["finding", "present"]).sort_values(["finding", "present"])
        words = "; ".join(
            f"{finding_title(row.finding)} {'present' if row.present else 'absent'}: “{row.prompt}”"
            for row in prompts.itertuples()
        )
        text += f" {source_title(source)} was asked in words instead: {words}."
    return text


def _data_url(path: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"


def _plain(name: str) -> str:
    return name.replace("_", " ").capitalize() + "."
