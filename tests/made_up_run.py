"""A made-up run as far as its readings: phantoms of noise, two generators, a plan, and answers by known rules."""

import json

import numpy as np
import pandas as pd

from helpers.findings import ORIGINAL
from helpers.pixels import PixelFile, place
from helpers.runs import Run
from helpers.study.display import image_paths, write_display
from helpers.study.plan import make_plan
from helpers.study.settings import GUEST, PlanSettings
from helpers.tables import CUES, PLAN, READINGS, SAMPLES, cohort_schema, write_table
from helpers.tasks import TASKS

CELLS, SIZE, SOURCES = ORIGINAL.cells, 32, ("gan", "diffusion")
KINDS = {"gan": "gan", "diffusion": "text_to_image"}
READERS = ("reader-1", "reader-2", "reader-3")


def make_run(
    name: str = "tiny", cohort: str = "phantom", reader_kind: str = "simulated", readings: bool = True,
    readers: tuple[str, ...] = READERS, per_cell: int = 2, images: tuple[int, int] = (6, 4), size: int = SIZE,
) -> Run:  # fmt: skip
    """Run ``name`` in the present workspace; ``images``: phantoms in a cell, and images of each source; ``per_cell``:
    trials; ``size``: pixels."""
    run, rng = Run(name), np.random.default_rng(1)
    real, samples = _tables(*images)
    for table in (real, samples):
        for file in {path.split("#")[0] for path in table["path"]}:
            own = table["path"].str.startswith(f"{file}#")
            pixels = rng.integers(0, 256, (int(own.sum()), size, size), dtype=np.uint8)
            PixelFile.create(run.folder / file, len(pixels), size, enumerate(pixels))
    ORIGINAL.write(run.findings)
    write_table(real, run.stage_folder("01_cohort") / "cohort.csv", cohort_schema(ORIGINAL))
    write_table(samples, run.stage_folder("04_sample") / "samples.csv", SAMPLES)
    if cohort == "phantom":
        write_table(_truth(real), run.stage_folder("01_cohort") / "phantom_truth.csv")
    finish(run, "01_cohort", cohort=cohort, seed=1, size=size, drawn_size=size)
    counts = {"pairs_per_cell": per_cell, "conditionality_per_cell": per_cell, "practice_per_task": 1}
    settings = PlanSettings((*readers, GUEST), 1, **counts)
    plan = make_plan(real, samples, settings, ORIGINAL)
    folder = run.stage_folder("06_study_plan")
    write_table(plan.trials, folder / "plan.csv", PLAN)
    write_display(plan, image_paths(real, samples, run.folder), size, folder)
    _metrics(run, real, samples)
    sources = [{"source": source, "kind": KINDS[source]} for source in SOURCES]
    options = {"guidance": 3.0, "steps": 2, "truncation": 0.9, "emphasis": 1.0}
    finish(run, "04_sample", sources=sources, **options)
    if readings:
        table = answers(plan.trials, rng, reader_kind)
        write_table(table, run.stage_folder("07_reading") / "readings.csv", READINGS)
        finish(run, "07_reading", database="", readers_are=reader_kind, count_readers="finished")
    return run


def add_classifier(run: Run) -> None:
    """A classifier of random weights, as notebook 05 leaves one."""
    import torch

    from helpers.image_metrics.features import ClassifierShape, FindingClassifier, Network

    torch.manual_seed(1)
    shape = ClassifierShape(image_size=16, width=8, feature_dimension=8)
    FindingClassifier(Network(shape), shape).save(run.stage_folder("05_image_metrics") / "classifier.safetensors")
    finish(run, "05_image_metrics", image_size=16)


def add_gan(run: Run) -> None:
    """A GAN of random weights, as notebook 02 leaves one."""
    import torch

    from helpers.generators import gan
    from helpers.generators.stylegan2 import Architecture, Generator

    torch.manual_seed(1)
    network = Generator(Architecture(size=SIZE, width=4, widest=8, latent=8))
    gan.save(run.stage_folder("02_train_gan"), {"joint": network}, {"findings": list(ORIGINAL.names)})


def answers(plan: pd.DataFrame, rng: np.random.Generator, reader_kind: str = "simulated") -> pd.DataFrame:
    """An answer to every trial but the guest's: reader-1 is always right, others at random; some have marks."""
    rows = []
    for row in plan[plan["reader"] != GUEST].itertuples():
        task = TASKS[row.task]
        right = [r for r in task.means if task.is_right(r, row.source, row.present, row.side)]
        rating = int(right[0] if row.reader == "reader-1" else rng.choice(list(task.means)))
        correct = task.is_right(rating, row.source, row.present, row.side)
        found = {name: getattr(row, name) for name in row._fields if name in READINGS.columns}
        found |= {"truth": row.present, "rating": rating, "correct": pd.NA if correct is None else int(correct)}
        cue = str(rng.choice(CUES[:3])) if task.asks_reason(rating) else None
        found |= {"cue": cue, "cue_text": "a fuzzy edge" if cue else None, "reader_kind": reader_kind}
        found |= {"active_ms": float(rng.integers(2, 60)) * 1000, "idle_ms": 0.0, "submitted_at": None}
        if cue and rng.random() < 0.5:
            found |= {"mark_x": 0.25, "mark_y": 0.5, "mark_width": 0.2, "mark_height": 0.1, "mark_side": task.places[0]}
            found["more_marks"] = f"0.75 0.25 {task.places[0]}"
        rows.append(found)
    columns = [name for name in READINGS.columns if READINGS.columns[name].required or "mark" in name]
    return pd.DataFrame(rows).reindex(columns=columns)


def _tables(phantoms: int, made: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    real, samples, counts = [], [], dict.fromkeys(SOURCES, 0)
    for cell in CELLS:
        for _ in range(phantoms):
            row = {"image_id": f"phantom-{len(real):06d}", "path": place("cohort/images.npy", len(real)), "view": "PA"}
            row |= {"patient_id": f"patient-{len(real)}", "split": "test", "age": 50.0, "sex": "F"}
            real.append(row | {cell.finding: cell.present})
        for source in SOURCES:
            for number in range(made):
                row = {"image_id": f"{source}-{cell.label}-{number:05d}", "source": source, "seed": number}
                samples.append(row | cell._asdict() | {"path": place(f"samples/{source}/images.npy", counts[source])})
                counts[source] += 1
    tables = [pd.DataFrame(real, columns=list(cohort_schema(ORIGINAL).columns))]
    return tables[0], pd.DataFrame(samples, columns=list(SAMPLES.columns)).astype({"seed": "Int64"})


def _truth(real: pd.DataFrame) -> pd.DataFrame:
    truth = pd.DataFrame({"image_id": real["image_id"], "ctr": 0.48})
    for name in ORIGINAL.names:
        truth[f"severity_{name}"] = np.where(real[name] == 1, 0.8, 0.0)
        truth[f"side_{name}"] = np.where(real[name] == 1, "left", "")
    return truth.assign(device_pacemaker=1)


def _metrics(run: Run, real: pd.DataFrame, samples: pd.DataFrame) -> None:
    folder = run.stage_folder("05_image_metrics")
    ids = [*real["image_id"], *samples["image_id"]]
    scores = pd.DataFrame({"image_id": ids, "source": ["real"] * len(real) + list(samples["source"]), "distance": 2.5})
    write_table(scores.assign(**dict.fromkeys(ORIGINAL.names, 0.25)), folder / "image_scores.csv")
    nearest = samples[["image_id", "source"]].assign(space="pixels", training_image_id="phantom-000003", distance=1.5)
    write_table(nearest.assign(held_out_distance=1.75, suspect=False), folder / "nearest.csv")


def finish(run: Run, stage: str, **parameters) -> None:
    file = run.manifest(stage)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"parameters": parameters}))
