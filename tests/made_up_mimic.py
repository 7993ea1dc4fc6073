"""A made-up data set in the layout, names and label conventions of MIMIC-CXR-JPG and Chest ImaGenome."""

from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

CHEXPERT = (
    "Atelectasis", "Cardiomegaly", "Consolidation", "Edema", "Enlarged Cardiomediastinum", "Fracture", "Lung Lesion",
    "Lung Opacity", "No Finding", "Pleural Effusion", "Pleural Other", "Pneumonia", "Pneumothorax", "Support Devices",
)  # fmt: skip
# CheXpert label, Chest ImaGenome name, and where in the picture the finding is drawn.
FINDINGS = {
    "Atelectasis": ("atelectasis", (0.6, 0.3)),
    "Lung Opacity": ("lung opacity", (0.35, 0.7)),
    "Pleural Effusion": ("pleural effusion", (0.75, 0.75)),
    "Cardiomegaly": ("enlarged cardiac silhouette", (0.6, 0.55)),
}
SPLITS = {"train": 0.6, "validate": 0.15, "test": 0.25}


def make_mimic_tree(folder: Path, patients: int = 40, seed: int = 0, size: tuple[int, int] = (80, 64)) -> Path:
    """Write a tree with one study of a PA (and for every fourth patient also a lateral) image per patient.

    Tables ``mimic-cxr-2.0.0-{chexpert,negbio,metadata,split}.csv.gz``, for the first half of the test set
    ``mimic-cxr-2.1.0-test-set-labeled.csv``, where radiologists contradict CheXpert, images under ``files/`` (gray JPEG
    of ``size`` rows and columns), ``reports/files/``, and ``chest-imagenome/silver_dataset/...``. About 45 % of the
    labels are 1, 45 % 0, the others -1 or blank; a drawn finding is a bright disc. Returns the folder.
    """
    folder = Path(folder)
    dice = np.random.default_rng(seed)
    splits = np.repeat(list(SPLITS), np.rint(np.array(list(SPLITS.values())) * patients).astype(int))
    metadata, chexpert, split_rows, relations = [], [], [], []
    for number in range(patients):
        subject, study = 10000032 + 37 * number, 50414267 + 11 * number
        truth = {name: int(dice.random() < 0.5) for name in FINDINGS}
        stated = {name: (value if dice.random() < 0.9 else dice.choice([-1, np.nan])) for name, value in truth.items()}
        chexpert.append({"subject_id": subject, "study_id": study} | _chexpert_row(stated))
        for view in ("PA", "LATERAL") if number % 4 == 0 else ("PA",):
            image = "-".join(f"{part:08x}" for part in dice.integers(0, 2**32, 5))
            path = folder / "files" / f"p{str(subject)[:2]}" / f"p{subject}" / f"s{study}" / f"{image}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(draw(truth, size, dice)).save(path, quality=92)
            metadata.append(_metadata_row(image, subject, study, view, size))
            split = splits[min(number, len(splits) - 1)]
            split_rows.append({"dicom_id": image, "study_id": study, "subject_id": subject, "split": split})
            relations += _relation_rows(image, study, truth) if view == "PA" else []
        _write_report(folder / "reports" / "files" / f"p{str(subject)[:2]}" / f"p{subject}" / f"s{study}.txt", number)
    tested = {row["study_id"] for row in split_rows if row["split"] == "test"}
    read = pd.DataFrame([row for row in chexpert if row["study_id"] in tested])[: len(tested) // 2]
    read[list(FINDINGS)] = 1.0 - read[list(FINDINGS)].abs()
    read = read.drop(columns="subject_id").rename(columns={"Lung Opacity": "Airspace Opacity"})
    read.to_csv(folder / "mimic-cxr-2.1.0-test-set-labeled.csv", index=False)
    tables = {"metadata": metadata, "split": split_rows, "chexpert": chexpert, "negbio": chexpert}
    for name, rows in tables.items():
        pd.DataFrame(rows).to_csv(folder / f"mimic-cxr-2.0.0-{name}.csv.gz", index=False)
    scene = folder / "chest-imagenome" / "silver_dataset" / "scene_tabular"
    scene.mkdir(parents=True)
    pd.DataFrame(relations).to_csv(scene / "attribute_relations_tabular.txt", sep="\t", index=False)
    return folder


def _write_report(path: Path, number: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f" FINAL REPORT\n FINDINGS:\n\n The heart\n is large.\n\n IMPRESSION:\n\n Case\n {number}.\n")


def draw(truth: dict[str, int], size: tuple[int, int], dice: np.random.Generator) -> np.ndarray:
    """A gray picture, uint8: two dark lungs, noise, and a bright disc for each finding that is present."""
    y, x = np.mgrid[: size[0], : size[1]] / np.array(size)[:, None, None]
    gray = 0.75 - 0.45 * (((x - 0.3) / 0.17) ** 2 + ((y - 0.5) / 0.35) ** 2 < 1)
    gray = gray - 0.45 * (((x - 0.7) / 0.17) ** 2 + ((y - 0.5) / 0.35) ** 2 < 1)
    for name, (_, (down, across)) in FINDINGS.items():
        shift = dice.normal(0, 0.015, 2)
        disc = ((x - across - shift[0]) / 0.1) ** 2 + ((y - down - shift[1]) / 0.08) ** 2 < 1
        gray = gray + 0.3 * truth[name] * disc
    return np.uint8(255 * np.clip(gray + dice.normal(0, 0.03, size), 0, 1))


def _chexpert_row(stated: dict[str, float]) -> dict[str, float]:
    healthy = all(value != 1 for value in stated.values())
    return {name: stated.get(name, 1.0 if name == "No Finding" and healthy else np.nan) for name in CHEXPERT}


def _metadata_row(image: str, subject: int, study: int, view: str, size: tuple[int, int]) -> dict:
    return {
        "dicom_id": image,
        "subject_id": subject,
        "study_id": study,
        "PerformedProcedureStepDescription": "CHEST (PA AND LAT)",
        "ViewPosition": view,
        "Rows": size[0],
        "Columns": size[1],
        "StudyDate": 21800506,
        "StudyTime": 213014.531,
        "ProcedureCodeSequence_CodeMeaning": "CHEST (PA AND LAT)",
        "ViewCodeSequence_CodeMeaning": "postero-anterior" if view == "PA" else "lateral",
        "PatientOrientationCodeSequence_CodeMeaning": "Erect",
    }


def _relation_rows(image: str, study: int, truth: dict[str, int]) -> list[dict]:
    """One row for each region: a finding that is present is denied in another region, as in real reports."""
    rows = []
    for name, (label, _) in FINDINGS.items():
        for region, relation in (("left lung", truth[name]), ("right lung", 0)):
            rows.append(
                {
                    "study_id": study,
                    "image_id": f"{image}.dcm",
                    "row_id": f"{study}|{len(rows)}",
                    "bbox": region,
                    "relation": relation,
                    "label_name": label,
                    "categoryID": "anatomicalfinding",
                    "context": "yes" if relation else "no",
                }
            )
    rows.append(rows[0] | {"label_name": "abnormal", "categoryID": "nlp", "relation": 1, "context": "yes"})
    return rows
