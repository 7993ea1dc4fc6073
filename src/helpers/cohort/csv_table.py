"""Images of any data set: a table, and a mapping that says what its columns mean."""

import re

import pandas as pd

from helpers.cohort.labels import from_columns, from_lists, naming
from helpers.cohort.listing import Kind, Listing, check_ids, read_columns, refuse
from helpers.cohort.preprocess import read_file
from helpers.cohort.reports import first_of
from helpers.cohort.settings import Settings, expect
from helpers.cohort.values import names_of, tidy
from helpers.errors import CohortError
from helpers.findings import VOCABULARIES

OURS = ("image_id", "patient_id", "split", "view", "age", "sex", "text")
FIELD = re.compile(r"\{([^{}]+)\}")


def list_images(settings: Settings, strict: bool = False) -> Listing:
    """Rows of ``settings.table`` with images in ``settings.folder``.

    ``settings.columns`` maps path, patient_id, image_id, split, view, age, sex, text, the study's findings, or labels
    (a list of findings in a cell) to columns of the table. Names that it omits are looked up as they are; findings are
    looked up under their names in the vocabulary ``settings.labels``, if one is set. path may be built from several
    columns: ``images/{id}.png``. If ``strict``, other columns are an error. Raises CohortError for missing columns,
    invalid values, and two images with the same id.
    """
    given, origin = settings.columns or {}, settings.table
    chosen = {"path": "path", **{name: name for name in OURS}, **given}
    findings = labels_of(settings)
    parts = FIELD.findall(chosen["path"]) or [chosen["path"]]
    required = [*parts, chosen["patient_id"], *(name for ours, name in given.items() if ours != "path")]
    optional = [chosen[name] for name in OURS]
    if "labels" not in given:
        required += [names[0] for names in findings.values() if len(names) == 1]
        optional += [name for names in findings.values() for name in names]
    raw = read_columns(origin, required, optional, strict)
    for name in parts:
        refuse(raw[name].isna(), raw[name], origin, "is blank")
    paths = path_of(raw, chosen["path"]).str.replace("\\", "/")  # paths as written on Windows
    table = pd.DataFrame({name: raw[chosen[name]] for name in OURS if chosen[name] in raw}, index=raw.index)
    table, notes = tidy(table, origin)
    table["image_id"] = table["image_id"] if "image_id" in table else names_of(paths)
    table["source"] = [str(settings.folder / path) for path in paths]
    if "text" in table:
        table["text"] = first_of(table["text"])
    if settings.split == "official" and ("split" not in table or table["split"].isna().any()):
        raise CohortError(
            f"{origin}: column {chosen['split']!r} is missing or has blanks; fill it or set split: patient"
        )
    if "labels" in given:
        labels = from_lists(raw[given["labels"]], findings, separator_of(raw[given["labels"]]))
    else:
        labels = from_columns(raw, findings, origin)
    table = pd.concat([table, labels], axis=1)
    check_ids(table, origin)
    read = read_file
    if paths.str.lower().str.endswith((".dcm", ".dicom")).all():
        from helpers.cohort.dicom_files.display import DicomReader  # imported here because it loads pydicom

        read = DicomReader(settings.voi, settings.max_megapixels)
    said = naming(settings.findings, settings.labels) if settings.labels else ()
    return Listing(table, read, inputs=(origin,), notes=(*said, *notes))


def labels_of(settings: Settings) -> dict[str, tuple[str, ...]]:
    """The columns in which each finding is looked up, or its names if a column holds lists."""
    own = {name: (name,) for name in settings.findings.names}
    named = settings.findings.labels(settings.labels) if settings.labels else own
    return {name: (settings.columns[name],) if name in (settings.columns or {}) else named[name] for name in own}


def path_of(raw: pd.DataFrame, path: str) -> pd.Series:
    """The column ``path``, or ``path`` as a template with columns of the table in braces."""
    if not FIELD.search(path):
        return raw[path]
    built = pd.Series("", index=raw.index, dtype="string")
    for number, piece in enumerate(FIELD.split(path)):  # text and column names alternate
        built = built + (raw[piece] if number % 2 else piece)
    return built


def separator_of(lists: pd.Series) -> str:
    """The separator between names in a list: a bar, else a semicolon, else a comma."""
    text = lists.str.cat()
    return next((re.escape(mark) for mark in "|;" if mark in text), ",")


def check_columns(settings: Settings) -> None:
    """Raise ParameterError for a name that ``columns`` cannot map, and for ``labels`` that is not a vocabulary."""
    known = ("path", *OURS, "labels", *settings.findings.names)
    unknown = [name for name in settings.columns or {} if name not in known]
    expect("columns", unknown, not unknown, f"these can be mapped: {', '.join(known)}")
    advice = f"choose one of {', '.join(VOCABULARIES)}, or set it to null"
    expect("labels", settings.labels, settings.labels in (None, *VOCABULARIES), advice)
    missing = "labels" in (settings.columns or {}) and settings.labels is None
    expect("labels", None, not missing, f"a column of lists needs the vocabulary that they are written in; {advice}")


KIND = Kind(
    "csv",
    list_images,
    splits=("official", "patient"),
    needs=("folder", "table"),
    uses=("fractions", "columns", "labels", "views", "voi", "window"),
    check=check_columns,
)
