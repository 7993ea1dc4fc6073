"""Made-up public data sets in their own layouts, with their true headers and ways of writing; twelve images each.

``present(number)`` says whether image ``number`` shows the asked findings, which are all in it or none. Images are tiny
and random. Each maker returns the folder that a params file names.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pydicom
from PIL import Image
from pydicom.dataset import FileMetaDataset
from pydicom.uid import DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian

COUNT = 12
CHEXPERT = [
    "No Finding", "Enlarged Cardiomediastinum", "Cardiomegaly", "Lung Opacity", "Lung Lesion", "Edema", "Consolidation",
    "Pneumonia", "Atelectasis", "Pneumothorax", "Pleural Effusion", "Pleural Other", "Fracture", "Support Devices",
]  # fmt: skip
ASKED = ("Atelectasis", "Lung Opacity", "Pleural Effusion", "Cardiomegaly")
VINDR = [
    "Aortic enlargement", "Atelectasis", "Calcification", "Cardiomegaly", "Clavicle fracture", "Consolidation", "Edema",
    "Emphysema", "Enlarged PA", "ILD", "Infiltration", "Lung Opacity", "Lung cavity", "Lung cyst", "Mediastinal shift",
    "Nodule/Mass", "Pleural effusion", "Pleural thickening", "Pneumothorax", "Pulmonary fibrosis", "Rib fracture",
    "Other lesion", "COPD", "Lung tumor", "Pneumonia", "Tuberculosis", "Other diseases", "No finding",
]  # fmt: skip
PLUS = [
    "path_to_image", "path_to_dcm", "frontal_lateral", "ap_pa", "deid_patient_id", "patient_report_date_order",
    "report", "section_narrative", "section_clinical_history", "section_history", "section_comparison",
    "section_technique", "section_procedure_comments", "section_findings", "section_impression",
    "section_end_of_impression", "section_summary", "section_accession_number", "age", "sex", "race", "ethnicity",
    "interpreter_needed", "insurance_type", "recent_bmi", "deceased", "split",
]  # fmt: skip
PADCHEST = [
    "", "ImageID", "ImageDir", "StudyDate_DICOM", "StudyID", "PatientID", "PatientBirth", "PatientSex_DICOM",
    "ViewPosition_DICOM", "Projection", "MethodProjection", "Pediatric", "Modality_DICOM", "Manufacturer_DICOM",
    "PhotometricInterpretation_DICOM", "PixelRepresentation_DICOM", "PixelAspectRatio_DICOM",
    "SpatialResolution_DICOM", "BitsStored_DICOM", "WindowCenter_DICOM", "WindowWidth_DICOM", "Rows_DICOM",
    "Columns_DICOM", "XRayTubeCurrent_DICOM", "Exposure_DICOM", "ExposureInuAs_DICOM", "ExposureTime",
    "RelativeXRayExposure_DICOM", "ReportID", "Report", "MethodLabel", "Labels", "Localizations",
    "LabelsLocalizationsBySentence", "labelCUIS", "LocalizationsCUIS",
]  # fmt: skip
NIH = [
    "Image Index", "Finding Labels", "Follow-up #", "Patient ID", "Patient Age", "Patient Sex", "View Position",
    "OriginalImage[Width", "Height]", "OriginalImagePixelSpacing[x", "y]",
]  # fmt: skip


def present(number: int) -> bool:
    """Whether image ``number`` shows the asked findings."""
    return number % 2 == 1


def picture(path: Path, number: int = 0, bits: int = 8) -> None:
    """Write a random gray image of 20 x 16 px."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = np.uint16 if bits == 16 else np.uint8
    levels = np.random.default_rng(number).integers(0, 2**bits, (20, 16)).astype(kind)
    Image.fromarray(levels).save(path)


def scan(path: Path, number: int = 0, **elements) -> None:
    """Write a DICOM file of 20 x 16 px with nothing that says whose it is but ``elements``."""
    data = pydicom.Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = DigitalXRayImageStorageForPresentation
    data.file_meta.MediaStorageSOPInstanceUID = f"1.2.{number + 1}"
    data.Rows, data.Columns, data.SamplesPerPixel, data.PhotometricInterpretation = 20, 16, 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
    data.PixelData = np.random.default_rng(number).integers(0, 256, (20, 16), dtype=np.uint8).tobytes()
    for name, value in elements.items():
        setattr(data, name, value)
    path.parent.mkdir(parents=True, exist_ok=True)
    data.save_as(path, enforce_file_format=True)


def table(rows: list[dict], columns: list[str], path: Path) -> None:
    """Write rows as CSV with exactly these columns; what a row does not have is blank."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows).reindex(columns=columns).to_csv(path, index=False)


def chexpert_labels(number: int) -> dict[str, float]:
    """1.0 or 0.0 for the asked labels; the others are blank."""
    return dict.fromkeys(ASKED, float(present(number))) | {"No Finding": None if present(number) else 1.0}


def make_chexpert(folder: Path, tests: bool = False) -> Path:
    """The small CheXpert: eight patients to train, four to validate, each fourth with a lateral image as well."""
    rows = {"train": [], "valid": [], "test": []}
    for number in range(COUNT):
        split = "train" if number < 8 else "test" if tests and number >= 10 else "valid"
        for view, side in ((1, "frontal"), (2, "lateral"))[: 2 if number % 4 == 0 else 1]:
            place = f"{split}/patient{number:05d}/study1/view{view}_{side}.jpg"
            picture(folder / place, number)
            projection = ("AP", "PA", "LL", "AP")[number % 4] if side == "frontal" else None
            people = {"Sex": ("Female", "Male", "Unknown")[number % 3], "Age": 50 + number}
            view_columns = {"Frontal/Lateral": side.title(), "AP/PA": projection}
            path = {"Path": f"CheXpert-v1.0-small/{place}"}
            rows[split].append(path | people | view_columns | chexpert_labels(number))
    people = ["Sex", "Age", "Frontal/Lateral", "AP/PA"]
    table(rows["train"], ["Path", *people, *CHEXPERT], folder / "train.csv")
    table(rows["valid"], ["Path", *people, *CHEXPERT], folder / "valid.csv")
    if tests:
        table(rows["test"], ["Path", *CHEXPERT], folder / "test_labels.csv")
    return folder


def make_chexpert_plus(folder: Path) -> Path:
    """CheXpert Plus with its PNGs, its table and CheXbert's labels of the impression."""
    rows, labels = [], []
    for number in range(COUNT):
        split = "train" if number < 8 else "valid"
        place = f"{split}/patient{number:05d}/study1/view1_frontal"
        picture(folder / "PNG" / f"{place}.png", number)
        rows.append(
            {
                "path_to_image": f"{place}.jpg", "path_to_dcm": f"{place}.dcm", "frontal_lateral": "Frontal",
                "ap_pa": "AP", "deid_patient_id": f"patient{number:05d}", "patient_report_date_order": 1,
                "report": "NARRATIVE:\nRADIOGRAPHIC EXAMINATION\n\nIMPRESSION:\n\n1. STABLE,\n  AS BEFORE.",
                "section_findings": "Lungs are clear.",
                "section_impression": None if number == 3 else f"1. Case {number}.",
                "age": 90.0 if number else None, "sex": "Female", "split": split,
            }
        )  # fmt: skip
        labels.append({"path_to_image": f"{place}.jpg", **dict.fromkeys(CHEXPERT), **chexpert_labels(number)})
    table(rows, PLUS, folder / "df_chexpert_plus_240401.csv")
    (folder / "chexbert_labels").mkdir()
    text = "\n".join(json.dumps(row) for row in labels)
    (folder / "chexbert_labels" / "impression_fixed.json").write_text(text)
    return folder


def make_padchest(folder: Path) -> Path:
    """PadChest with the archives 0 and 1 unpacked side by side; the last image has no labels that mean anything."""
    named = ("laminar atelectasis", "infiltrates", "pleural effusion", "cardiomegaly")
    rows = []
    for number in range(COUNT):
        labels = str([*named, "unchanged"]) if present(number) else "['normal']"
        rows.append(
            {
                "": number, "ImageID": f"2168_{number:03d}-a1b2.png", "ImageDir": number % 2,
                "StudyDate_DICOM": 20140915, "StudyID": 2168 + number,
                "PatientID": 839860488694292331637988235681460987 + number,
                "PatientBirth": 1930.0 + number, "PatientSex_DICOM": "FMO"[number % 3],
                "ViewPosition_DICOM": "POSTEROANTERIOR", "Projection": ("PA", "AP_horizontal", "PA", "AP")[number % 4],
                "Report": "sin hallazgos .", "MethodLabel": "Physician" if number % 4 < 2 else "RNN_model",
                "Labels": "['exclude']" if number == COUNT - 1 else labels,
            }
        )  # fmt: skip
        picture(folder / str(number % 2) / rows[-1]["ImageID"], number, bits=16)
    rows[4]["Projection"], rows[4]["Labels"] = "L", None
    table(rows, PADCHEST, folder / "PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv")
    return folder


def make_vindr(folder: Path) -> Path:
    """VinDr-CXR: eight images read by three radiologists, four by consensus; boxes of the lower left quarter."""
    rows, drawn = {"train": [], "test": []}, {"train": [], "test": []}
    asked = dict.fromkeys(("Atelectasis", "Lung Opacity", "Pleural effusion", "Cardiomegaly"), 1)
    for number in range(COUNT):
        split, name = "train" if number < 8 else "test", f"{number:032x}"
        scan(folder / split / f"{name}.dicom", number, PatientSex="FM"[number % 2], PatientAge="054Y")
        votes = 3 if present(number) else int(number == 2)
        for reader in range(3 if split == "train" else 1):
            yes = reader < votes
            rows[split].append(
                {"image_id": name, "rad_id": f"R{reader + 8}", **dict.fromkeys(VINDR, 0), **(asked if yes else {})}
            )
            box = {"x_min": 8.0, "y_min": 10.0, "x_max": 16.0, "y_max": 20.0} if yes else {}
            label = "Cardiomegaly" if yes else "No finding"
            drawn[split].append({"image_id": name, "rad_id": f"R{reader + 8}", "class_name": label, **box})
    corners = ["class_name", "x_min", "y_min", "x_max", "y_max"]
    for split, reader in (("train", ["rad_id"]), ("test", [])):
        table(rows[split], ["image_id", *reader, *VINDR], folder / "annotations" / f"image_labels_{split}.csv")
        table(drawn[split], ["image_id", *reader, *corners], folder / "annotations" / f"annotations_{split}.csv")
    return folder


def make_rsna(folder: Path, mapping: bool = True) -> Path:
    """The RSNA challenge: an image with opacity has two boxes and so two rows; two images share each patient of NIH."""
    rows, mapped = [], []
    for number in range(COUNT):
        name = f"0004cfab-14fd-4e49-80ba-{number:012x}"
        view = {
            "ViewPosition": ("PA", "AP")[number % 2],
            "PatientSex": "F",
            "PatientAge": ("051Y", "155Y")[number == 5],
        }
        scan(folder / "stage_2_train_images" / f"{name}.dcm", number, Modality="CR", PatientID=name, **view)
        boxes = ((2.0, 5.0, 4.0, 10.0), (8.0, 5.0, 4.0, 5.0)) if present(number) else ((None,) * 4,)
        for box in boxes:
            place = dict(zip(("x", "y", "width", "height"), box, strict=True))
            rows.append({"patientId": name, **place, "Target": int(present(number))})
        mapped.append({"subset_img_id": name, "img_id": f"{number // 2:08d}_000.png"})
    table(rows, ["patientId", "x", "y", "width", "height", "Target"], folder / "stage_2_train_labels.csv")
    if mapping:
        (folder / "pneumonia-challenge-dataset-mappings_2018.json").write_text(json.dumps(mapped))
    return folder


def make_brax(folder: Path) -> Path:
    """BRAX with its PNGs, ages in steps, and views as its scanners wrote them."""
    rows = []
    for number in range(COUNT):
        place = f"images/id_{number:04d}/Study_{number}.1/Series_1/image-{number}.png"
        picture(folder / place, number)
        rows.append(
            {
                "DicomPath": place.replace("images", "Anonymized_DICOMs").replace("png", "dcm"), "PngPath": place,
                "PatientID": f"id_{number:04d}", "PatientSex": "MFO"[number % 3],
                "PatientAge": ("85 or more", "45", None)[number % 3], "AccessionNumber": number,
                **chexpert_labels(number),
                "StudyDate": 20150101, "ViewPosition": ("PA", "AP", "RL", "L", None, "PA")[number % 6],
            }
        )  # fmt: skip
    columns = [
        "DicomPath",
        "PngPath",
        "PatientID",
        "PatientSex",
        "PatientAge",
        "AccessionNumber",
        *CHEXPERT,
        "StudyDate",
    ]
    table(rows, [*columns, "ViewPosition"], folder / "master_spreadsheet_update.csv")
    return folder


def make_openi(folder: Path) -> Path:
    """The Indiana chest X-rays: a frontal and, for every third report, a lateral image."""
    reports, images = [], []
    for number in range(COUNT):
        problems = "Pulmonary Atelectasis;Opacity;Pleural Effusion;Cardiomegaly;Catheters, Indwelling"
        reports.append(
            {
                "uid": number, "MeSH": "normal", "Problems": problems if present(number) else "normal",
                "image": "Xray Chest PA and Lateral", "indication": "Positive TB test", "comparison": "None.",
                "findings": "The heart is normal in size.", "impression": None if number == 2 else f"Case {number}.",
            }
        )  # fmt: skip
        for projection, suffix in (("Frontal", 1001), ("Lateral", 2001))[: 2 if number % 3 == 0 else 1]:
            name = f"{number}_IM-0001-{suffix}.dcm.png"
            picture(folder / "images" / "images_normalized" / name, number)
            images.append({"uid": number, "filename": name, "projection": projection})
    table(images, ["uid", "filename", "projection"], folder / "indiana_projections.csv")
    columns = ["uid", "MeSH", "Problems", "image", "indication", "comparison", "findings", "impression"]
    table(reports, columns, folder / "indiana_reports.csv")
    return folder


def make_openi_xml(folder: Path) -> Path:
    """The same images and reports as OpenI itself gives them: a folder of XML, without projections."""
    headings = ["Pulmonary Atelectasis/base/left", "Opacity/lung/base/left", "Pleural Effusion/left", "Cardiomegaly"]
    (folder / "ecgen-radiology").mkdir(parents=True)
    for number in range(COUNT):
        majors = headings if present(number) else ["normal"]
        texts = {"INDICATION": "Positive TB test", "FINDINGS": "The heart is normal in size."}
        texts |= {"IMPRESSION": "" if number == 2 else f"Case {number}."}
        names = [f"CXR{number}_IM-0001-{suffix}" for suffix in (1001, 2001)[: 2 if number % 3 == 0 else 1]]
        for name in names:
            picture(folder / "NLMCXR_png" / f"{name}.png", number)
        text = "".join(f'<AbstractText Label="{label}">{text}</AbstractText>' for label, text in texts.items())
        mesh = "".join(f"<major>{heading}</major>" for heading in majors) + "<automatic>heart</automatic>"
        shown = "".join(f'<parentImage id="{name}"><caption>PA and Lateral</caption></parentImage>' for name in names)
        (folder / "ecgen-radiology" / f"{number}.xml").write_text(
            f'<?xml version="1.0" encoding="utf-8"?>\n<eCitation><uId id="CXR{number}"/><IUXRId id="{number}"/>'
            f"<MedlineCitation><Article><Abstract>{text}</Abstract></Article></MedlineCitation>"
            f"<MeSH>{mesh}</MeSH>{shown}</eCitation>"
        )
    return folder


def make_nih(folder: Path) -> Path:
    """ChestX-ray14 with its two lists and its boxes; images in two folders, and smaller copies beside them."""
    rows, lists = [], {"train_val": [], "test": []}
    for number in range(COUNT):
        name = f"{number:08d}_000.png"
        listed = "Atelectasis|Cardiomegaly|Effusion|Infiltration" if present(number) else "No Finding"
        rows.append(
            {
                "Image Index": name, "Finding Labels": listed, "Follow-up #": 0, "Patient ID": number,
                "Patient Age": 411 if number == 1 else 40 + number, "Patient Sex": "MF"[number % 2],
                "View Position": ("PA", "AP")[number % 3 == 0], "OriginalImage[Width": 2500,
            }
        )  # fmt: skip
        picture(folder / f"images_{1 + number % 2:03d}" / "images" / name, number)
        picture(folder / "images_resized" / name, number + 100)
        lists["train_val" if number < 8 else "test"].append(name)
    table(rows, NIH, folder / "Data_Entry_2017_v2020.csv")
    for name, images in lists.items():
        (folder / f"{name}_list.txt").write_text("\n".join(images) + "\n")
    (folder / "BBox_List_2017.csv").write_text(
        "Image Index,Finding Label,Bbox [x,y,w,h],,,\n"
        "00000001_000.png,Infiltrate,256.0,512.0,512.0,256.0\n00000009_000.png,Mass,1,2,3,4,,,\n"
    )
    return folder
