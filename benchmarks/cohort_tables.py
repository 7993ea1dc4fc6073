"""Cost of the tables of a whole MIMIC-CXR-JPG: python benchmarks/cohort_tables.py [--images 377110] [--mentions 40]

Uses made-up tables with the columns and the number of rows of the release, and an empty file for every image. Prints
seconds from the folder to cohort.csv, without pixels, with the labels of CheXpert and with those of Chest ImaGenome
(``mentions`` rows per image), and the process's peak memory. Each measurement runs in its own process.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.cohort.build import complete, select
from helpers.cohort.kinds import kind_of
from helpers.cohort.settings import Settings
from helpers.cohort.unreadable import keep_present
from helpers.tables import cohort_schema, write_table

LABELS = (
    "Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Enlarged Cardiomediastinum", "Fracture", "Lung Lesion",
    "Lung Opacity", "No Finding", "Pleural Effusion", "Pleural Other", "Pneumonia", "Pneumothorax", "Support Devices",
)  # fmt: skip
VIEWS, SHARES = ("AP", "PA", "LATERAL", "LL", ""), (0.39, 0.25, 0.22, 0.10, 0.04)
NAMED = ("atelectasis", "lung opacity", "pleural effusion", "enlarged cardiac silhouette", "pneumonia", "abnormal")
SCENE = Path("chest-imagenome") / "silver_dataset" / "scene_tabular"


def make_tables(folder: Path, images: int, mentions: int) -> None:
    """The tables of a release with ``images`` images in ``folder``, and empty image files."""
    rng = np.random.default_rng(1)
    study = np.sort(rng.integers(0, int(images * 0.604), images))
    patient = 10_000_000 + study // 4 * 37
    study = 50_000_000 + study * 11
    names = [f"{a:08x}-{b:08x}-{c:08x}-{d:08x}-{e:08x}" for a, b, c, d, e in rng.integers(0, 2**32, (images, 5))]
    for p, s, name in zip(patient, study, names, strict=True):
        place = folder / "files" / f"p{str(p)[:2]}" / f"p{p}" / f"s{s}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{name}.jpg").touch()
    ids = pd.DataFrame({"dicom_id": names, "subject_id": patient, "study_id": study})
    metadata = ids.assign(
        PerformedProcedureStepDescription="CHEST (PA AND LAT)", ViewPosition=rng.choice(VIEWS, images, p=SHARES),
        Rows=3056, Columns=2544, StudyDate=21800506, StudyTime=213014.531,
        ProcedureCodeSequence_CodeMeaning="CHEST (PA AND LAT)", ViewCodeSequence_CodeMeaning="postero-anterior",
        PatientOrientationCodeSequence_CodeMeaning="Erect",
    )  # fmt: skip
    split = np.where(patient % 10 == 0, "test", np.where(patient % 10 == 1, "validate", "train"))
    studies = ids[["subject_id", "study_id"]].drop_duplicates()
    labels = rng.choice([1.0, 0.0, -1.0, np.nan], (len(studies), len(LABELS)), p=[0.2, 0.2, 0.05, 0.55])
    chexpert = pd.concat([studies.reset_index(drop=True), pd.DataFrame(labels, columns=LABELS)], axis=1)
    for name, table in (("metadata", metadata), ("split", ids.assign(split=split)), ("chexpert", chexpert)):
        table.to_csv(folder / f"mimic-cxr-2.0.0-{name}.csv", index=False)
    (folder / SCENE).mkdir(parents=True)
    with open(folder / SCENE / "attribute_relations_tabular.txt", "w") as file:
        file.write("study_id\timage_id\trow_id\tbbox\trelation\tlabel_name\tcategoryID\tannot_id\tsentence\n")
        for s, name in zip(study, names, strict=True):
            chosen, yes = rng.integers(0, len(NAMED), mentions), rng.random(mentions) < 0.4
            file.writelines(
                f'{s}\t{name}.dcm\t{s}|{row}\tleft lung\t{int(one)}\t{NAMED[label]}\tanatomicalfinding\t\t"Stable.\n'
                for row, (label, one) in enumerate(zip(chosen, yes, strict=True))
            )


def measure(folder: Path, labels: str) -> None:
    """Print the cost of the tables with one kind of labels."""
    scene = folder / "chest-imagenome" if labels == "imagenome" else None
    settings = Settings(kind="mimic_cxr", folder=folder, table=scene, labels=labels)
    start, busy = time.perf_counter(), time.process_time()
    kind = kind_of(settings)
    listing = select(keep_present(kind.list_images(settings), settings, kind.in_part), settings)
    table = complete(listing.table, settings, folder / "cohort")
    write_table(table, folder / "cohort" / "cohort.csv", cohort_schema(settings.findings))
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # kibibytes on Linux
    spent = f"{seconds:6.1f} s ({busy:.1f} s of processors)  {peak:5.2f} GiB"
    print(f"{labels:10s} {len(table):,} images in cohort.csv  {spent}", flush=True)
    print(*listing.notes, sep="\n", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=377_110)
    parser.add_argument("--mentions", type=int, default=40)
    parser.add_argument("--measure", nargs=2, metavar=("FOLDER", "LABELS"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        measure(Path(given.measure[0]), given.measure[1])
        sys.exit()
    with tempfile.TemporaryDirectory() as made:
        make_tables(Path(made), given.images, given.mentions)
        for source in ("chexpert", "imagenome"):
            subprocess.run([sys.executable, __file__, "--measure", made, source], check=True)
