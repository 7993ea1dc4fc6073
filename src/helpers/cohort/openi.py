"""Indiana University chest X-rays with reports (Demner-Fushman et al., JAMIA 2016), as released by OpenI or Kaggle."""

from pathlib import Path
from xml.etree import ElementTree

import pandas as pd

from helpers.cohort.labels import from_lists, naming
from helpers.cohort.listing import Kind, Listing, check_ids, read_columns, refuse
from helpers.cohort.reports import first_of
from helpers.cohort.settings import Settings
from helpers.cohort.values import names_of, tidy
from helpers.errors import CohortError

PROJECTIONS, REPORTS, XML = "indiana_projections.csv", "indiana_reports.csv", "ecgen-radiology"
IMAGES, SECTIONS = ["uid", "filename", "projection"], ["uid", "Problems", "findings", "impression"]
FOLDERS = ("images/images_normalized", "images_normalized", "images", "NLMCXR_png", ".")
UNREAD = ("no indexing", "technical quality of image unsatisfactory")
NOTE = (
    "Labels: MeSH headings that people assigned to the report; a finding that is not among them counts as absent. "
    "Each report is of another patient. Age and sex are not in this data set, nor whether a view is PA or AP."
)
NO_VIEWS = (
    f"The reports in {XML} do not say which images are frontal: put {PROJECTIONS} of the Kaggle release beside "
    "that folder, or frontal images only."
)


def list_images(settings: Settings) -> Listing:
    """Images of a folder with both Kaggle tables or with the OpenI reports; patient_id is the id of the report.

    Raises CohortError naming the table, report, column or cell at fault.
    """
    table, reports, inputs, remarks = _release(settings.folder)
    table, notes = tidy(table.rename(columns={"uid": "patient_id", "projection": "view"}), inputs[0])
    reports = reports.set_index("uid").reindex(table["patient_id"]).reset_index(drop=True)
    labels = from_lists(reports["Problems"], settings.findings.labels("openi"), ";")
    unread = reports["Problems"].str.lower().str.strip().isin(UNREAD).fillna(False)
    table = pd.concat([table, labels.mask(unread.astype(bool))], axis=1)
    table["text"] = first_of(reports["impression"], reports["findings"])
    table["image_id"] = names_of(table["filename"].str.removesuffix(".png"))
    images = next(settings.folder / name for name in FOLDERS if (settings.folder / name).is_dir())
    table["source"] = [str(images / name) for name in table["filename"]]
    check_ids(table, inputs[0])
    return Listing(table, inputs=inputs, notes=(NOTE, *remarks, *naming(settings.findings, "openi"), *notes))


def _release(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, tuple[Path, ...], tuple[str, ...]]:
    """Images and reports with the columns of Kaggle's tables, the paths read, and notes."""
    projections, table, xml = (folder / name for name in (PROJECTIONS, REPORTS, XML))
    if xml.is_dir() and not table.is_file():
        images, reports = read_xml(xml)
        if not projections.is_file():
            return images, reports, (xml,), (NO_VIEWS,)
        return _with_projections(images, projections), reports, (xml, projections), ()
    if missing := [path for path in (projections, table) if not path.is_file()]:
        advice = f"set `folder` to your copy of the Indiana chest X-rays, with both tables or with {XML}/"
        raise CohortError(f"{missing[0]}: no such table; {advice}")
    reports = read_columns(table, SECTIONS)
    refuse(reports["uid"].duplicated(), reports["uid"], table, "{!r} occurs twice")
    return read_columns(projections, IMAGES), reports, (projections, table), ()


def read_xml(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Images and reports from a folder of XML reports, with the columns of the Kaggle tables derived from them.

    Problems are the headings of ``MeSH/major`` before their first qualifier; ``projection`` is blank.
    """
    images, reports = [], []
    for path in sorted(folder.glob("*.xml")):
        try:
            report = ElementTree.parse(path).getroot()
        except ElementTree.ParseError as error:
            raise CohortError(f"{path}: cannot be read as XML ({error}); unpack it again") from error
        number = report.find("IUXRId")
        if number is None:
            raise CohortError(f"{path}: has no element IUXRId, so it is not a report of the Indiana chest X-rays")
        uid, section = number.get("id"), {part.get("Label"): part.text for part in report.iter("AbstractText")}
        problems = dict.fromkeys(
            (heading.text or "").split("/")[0].strip() for heading in report.iterfind("MeSH/major")
        )
        reports.append((uid, ";".join(problems), section.get("FINDINGS"), section.get("IMPRESSION")))
        images += [(uid, f"{image.get('id')}.png", None) for image in report.iterfind("parentImage")]
    if not images:
        raise CohortError(f"{folder}: no report (*.xml) with images; unpack NLMCXR_reports.tgz there")
    return pd.DataFrame(images, columns=IMAGES, dtype="string"), pd.DataFrame(reports, columns=SECTIONS, dtype="string")


def _with_projections(images: pd.DataFrame, path: Path) -> pd.DataFrame:
    """Images of the XML release with Kaggle's projections; there CXR2_IM-0652-1001 is named 2_IM-0652-1001.dcm."""
    table = read_columns(path, IMAGES)
    projections = dict(zip(table["filename"].str.removesuffix(".dcm.png"), table["projection"], strict=True))
    names = images["filename"].str.removesuffix(".png").str.replace(r"^CXR(\d+_(?=\d+_))?", "", regex=True)
    return images.assign(projection=names.map(projections))


KIND = Kind(
    "openi",
    list_images,
    splits=("patient",),
    needs=("folder",),
    uses=("fractions", "views", "window"),
    vocabulary="openi",
    in_part=True,
)
