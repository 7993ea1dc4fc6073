"""Every kind of data set that can be read; a new kind needs a module of its own and an entry here."""

from helpers.cohort import (
    brax,
    chestmnist,
    chexpert,
    chexpert_plus,
    csv_table,
    dicom,
    folder,
    mimic_cxr,
    nih_cxr14,
    openi,
    padchest,
    phantom_cohort,
    rsna_pneumonia,
    vindr_cxr,
)
from helpers.cohort.listing import Kind
from helpers.cohort.settings import Settings, expect

MODULES = (
    phantom_cohort, mimic_cxr, nih_cxr14, chexpert, chexpert_plus, padchest, vindr_cxr, rsna_pneumonia, brax, openi,
    chestmnist, folder, csv_table, dicom,
)  # fmt: skip
KINDS: dict[str, Kind] = {module.KIND.name: module.KIND for module in MODULES}
# Parameters that not every kind uses
OPTIONAL = (
    "fractions", "folder", "table", "columns", "labels", "reports", "views", "window", "voi", "burned_in",
    "equalization", "visits",
)  # fmt: skip


def kind_of(settings: Settings) -> Kind:
    """The kind that the settings ask for.

    Raises ParameterError for an unknown kind, a missing parameter that the kind needs, one that is set although the
    kind does not use it, a split that it does not have, and a finding that it cannot show.
    """
    expect("cohort", settings.kind, settings.kind in KINDS, f"choose one of {', '.join(KINDS)}")
    kind = KINDS[settings.kind]
    splits = " or ".join(kind.splits)
    expect("split", settings.split, settings.split in kind.splits, f"cohort {kind.name!r} can have {splits}")
    for name in kind.needs:
        expect(name, None, getattr(settings, name) is not None, f"cohort {kind.name!r} needs it")
    for name in OPTIONAL:
        value = getattr(settings, name)
        used = value is None or name in (*kind.needs, *kind.uses)
        expect(name, value, used, f"cohort {kind.name!r} has no use for it; leave it out or set it to null")
    if kind.draws is not None:
        others = [name for name in settings.findings.names if name not in kind.draws]
        expect("findings", others, not others, f"cohort {kind.name!r} draws only {', '.join(kind.draws)}")
    if kind.vocabulary is not None:
        settings.findings.labels(kind.vocabulary)
    if kind.check is not None:
        kind.check(settings)
    return kind
