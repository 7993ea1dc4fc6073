import pandas as pd
import pytest

from helpers.cohort.build import build
from helpers.cohort.mimic_cxr import SCENE_TABLE, find_table, imagenome_labels, list_images, study_labels
from helpers.cohort.settings import Settings
from helpers.errors import CohortError
from helpers.findings import ORIGINAL
from helpers.tables import cohort_schema, read_table

CHEXPERT, IMAGENOME = ORIGINAL.labels("chexpert"), ORIGINAL.labels("imagenome")


def settings(tree, **changes):
    values = {"kind": "mimic_cxr", "folder": tree, "labels": "chexpert", "size": 16, "workers": 1, "split": "official"}
    return Settings(**(values | changes))


def rewrite(path, change):
    table = pd.read_csv(path, dtype=str)
    change(table).to_csv(path, index=False)


def test_the_official_split_and_pa_images_make_a_cohort(mimic_tree, tmp_path):
    built = build(settings(mimic_tree, views=("PA",)), tmp_path / "cohort")
    table = read_table(tmp_path / "cohort" / "cohort.csv", cohort_schema(ORIGINAL))
    assert len(table) == 40
    assert table["view"].eq("PA").all()
    assert table[["age", "sex"]].isna().all(axis=None)
    published = pd.read_csv(mimic_tree / "mimic-cxr-2.0.0-split.csv.gz").set_index("dicom_id")["split"]
    assert (table["split"] == table["image_id"].map(published)).all()
    assert any("Left out for their view: 10 of 50" in note for note in built.notes)


def test_chexpert_labels_keep_all_four_states(mimic_tree):
    labels = study_labels(mimic_tree / "mimic-cxr-2.0.0-chexpert.csv.gz", CHEXPERT)
    states = set(labels.astype("object").fillna("blank").to_numpy().ravel())
    assert states == {1, 0, -1, "blank"}


def test_cardiomegaly_is_the_enlarged_cardiac_silhouette(mimic_tree):
    original = pd.read_csv(mimic_tree / "mimic-cxr-2.0.0-chexpert.csv.gz", dtype={"study_id": str})
    labels = study_labels(mimic_tree / "mimic-cxr-2.0.0-chexpert.csv.gz", CHEXPERT)["enlarged_cardiac_silhouette"]
    expected = original.set_index("study_id")["Cardiomegaly"]
    assert labels.astype("float64").equals(expected.reindex(labels.index).rename(labels.name))


def test_negbio_labels_are_read_from_their_own_table(own_mimic_tree):
    rewrite(own_mimic_tree / "mimic-cxr-2.0.0-negbio.csv.gz", lambda table: table.assign(Atelectasis="-1.0"))
    assert list_images(settings(own_mimic_tree, labels="negbio")).table["atelectasis"].eq(-1).all()
    assert not list_images(settings(own_mimic_tree)).table["atelectasis"].eq(-1).all()


def test_radiologists_label_the_test_set_and_chexpert_the_others(mimic_tree):
    ours = list_images(settings(mimic_tree, labels="radiologist")).table
    theirs = list_images(settings(mimic_tree)).table
    tested = ours["split"] == "test"
    assert ours[~tested].equals(theirs[~tested])
    read = ours.loc[tested, "lung_opacity"].notna()
    assert read.any()
    assert not read.all()
    both = tested & ours["lung_opacity"].notna() & theirs["lung_opacity"].isin((0, 1))
    assert (ours.loc[both, "lung_opacity"] == 1 - theirs.loc[both, "lung_opacity"]).all()


def test_identifiers_that_went_through_a_spreadsheet_still_match(own_mimic_tree):
    before = list_images(settings(own_mimic_tree)).table
    for name in ("metadata", "chexpert"):
        path = own_mimic_tree / f"mimic-cxr-2.0.0-{name}.csv.gz"
        rewrite(path, lambda table: table.assign(**{n: table[n] + ".0" for n in ("subject_id", "study_id")}))
    assert list_images(settings(own_mimic_tree)).table.equals(before)


def test_an_image_without_a_patient_is_named(own_mimic_tree):
    rewrite(
        own_mimic_tree / "mimic-cxr-2.0.0-metadata.csv.gz",
        lambda table: table.assign(subject_id=table["subject_id"].where(table.index != 3)),
    )
    with pytest.raises(CohortError, match="has no patient_id"):
        list_images(settings(own_mimic_tree))


def test_the_text_is_the_impression_of_the_study_of_frontal_images(mimic_tree):
    listing = list_images(settings(mimic_tree, reports=mimic_tree / "reports"))
    table = listing.table
    assert table.loc[table["view"] == "PA", "text"].tolist() == [f"Case {number}." for number in range(40)]
    assert table.loc[table["view"] == "LATERAL", "text"].isna().all()
    assert "Text: the impression of the report, for 40 of 40 frontal images." in listing.notes
    with pytest.raises(CohortError, match="has no reports; unpack mimic-cxr-reports.zip"):
        list_images(settings(mimic_tree, reports=mimic_tree / "chest-imagenome"))


def test_an_imagenome_finding_is_present_when_any_region_has_it(tmp_path):
    path = tmp_path / "relations.txt"
    path.write_text(
        "study_id\timage_id\tbbox\tlabel_name\trelation\tcontext\n"
        "1\ta.dcm\tleft lung\tatelectasis\t0\tno\n"
        "1\ta.dcm\tright lung\tatelectasis\t1\tyes\n"
        "1\ta.dcm\tright lung\tlung opacity\t0\tno\n"
        "1\ta.dcm\tright lung\tpneumothorax\t1\tyes\n"
    )
    labels = imagenome_labels(path, IMAGENOME).loc["a"]
    assert labels["atelectasis"] == 1
    assert labels["lung_opacity"] == 0
    assert labels[["pleural_effusion", "enlarged_cardiac_silhouette"]].isna().all()


def test_a_quotation_mark_of_a_sentence_ends_nothing(tmp_path):
    path = tmp_path / "relations.txt"
    rows = [f"{n}\tid{n}.dcm\t1\tatelectasis\t{chr(34) * (n % 3 == 2)}No change." for n in range(22)]
    path.write_text("\n".join(["study_id\timage_id\trelation\tlabel_name\tsentence", *rows]))
    assert imagenome_labels(path, IMAGENOME)["atelectasis"].to_dict() == {f"id{n}": 1 for n in range(22)}


def test_imagenome_labels_make_a_cohort_split_by_patient(mimic_tree, tmp_path):
    scene = mimic_tree / "chest-imagenome"
    built = build(settings(mimic_tree, labels="imagenome", table=scene, split="patient"), tmp_path / "cohort")
    assert built.table[list(ORIGINAL.names)].isin((0, 1)).all(axis=None)
    assert scene / SCENE_TABLE in built.inputs


def test_uncompressed_tables_in_another_column_order_are_read_alike(own_mimic_tree):
    before = list_images(settings(own_mimic_tree)).table
    for path in own_mimic_tree.glob("*.csv.gz"):
        table = pd.read_csv(path, dtype=str)
        table[table.columns[::-1]].to_csv(path.with_suffix(""), index=False)
        path.unlink()
    after = list_images(settings(own_mimic_tree)).table
    assert after.equals(before)


def test_a_missing_table_or_folder_is_named(own_mimic_tree):
    (own_mimic_tree / "mimic-cxr-2.0.0-split.csv.gz").unlink()
    with pytest.raises(CohortError, match=r"needs one table mimic-cxr-2.x-split.csv or .csv.gz, found none"):
        list_images(settings(own_mimic_tree))
    with pytest.raises(CohortError, match="no such folder"):
        find_table(own_mimic_tree / "nothing", "split")


def test_a_missing_column_is_named(own_mimic_tree):
    rewrite(own_mimic_tree / "mimic-cxr-2.0.0-chexpert.csv.gz", lambda table: table.drop(columns="Lung Opacity"))
    with pytest.raises(CohortError, match="chexpert.csv.gz: column 'Lung Opacity' is missing"):
        list_images(settings(own_mimic_tree))


def test_label_7_is_named(own_mimic_tree):
    path = own_mimic_tree / "mimic-cxr-2.0.0-chexpert.csv.gz"
    rewrite(path, lambda table: table.assign(Atelectasis="7.0"))
    with pytest.raises(CohortError, match="column 'Atelectasis', row 1: label '7.0'"):
        list_images(settings(own_mimic_tree))


def test_an_image_without_an_official_split_is_named(own_mimic_tree):
    rewrite(own_mimic_tree / "mimic-cxr-2.0.0-split.csv.gz", lambda table: table.iloc[1:])
    with pytest.raises(CohortError, match="has no split for 1 images, the first is dicom_id"):
        list_images(settings(own_mimic_tree))


def test_a_patient_in_two_official_splits_is_refused(own_mimic_tree, tmp_path):
    rewrite(own_mimic_tree / "mimic-cxr-2.0.0-metadata.csv.gz", lambda table: table.assign(ViewPosition="PA"))
    split = own_mimic_tree / "mimic-cxr-2.0.0-split.csv.gz"
    rewrite(split, lambda table: table.assign(split=table["split"].where(table.index > 0, "test")))
    with pytest.raises(CohortError, match="patient '10000032' is in more than one split"):
        build(settings(own_mimic_tree), tmp_path / "cohort")


def test_a_part_of_the_images_will_do(own_mimic_tree, tmp_path):
    table = list_images(settings(own_mimic_tree)).table
    for victim in table.loc[table["view"] == "PA", "source"][:2]:
        (own_mimic_tree / victim).unlink()
    built = build(settings(own_mimic_tree, split="patient"), tmp_path / "cohort")
    assert len(built.table) == 14
    assert any("the files are missing: 2 of 20 images" in note for note in built.notes)


def test_views_that_are_blank_or_odd_are_left_out_and_counted(own_mimic_tree, tmp_path):
    views = ["PA", "", "LATERAL", "PA LLD", *["AP"] * 16]
    rewrite(own_mimic_tree / "mimic-cxr-2.0.0-metadata.csv.gz", lambda table: table.assign(ViewPosition=views))
    built = build(settings(own_mimic_tree, split="patient"), tmp_path / "cohort")
    assert set(built.table["view"]) == {"PA", "AP"}
    assert "Left out for their view: 3 of 20 images (1 not told, 1 LATERAL, 1 PA LLD)." in built.notes


def test_a_view_that_nobody_has_is_named(mimic_tree, tmp_path):
    with pytest.raises(CohortError, match=r"views = \['AP'\]: no image has such a view; the table has"):
        build(settings(mimic_tree, views=("AP",)), tmp_path / "cohort")


def test_damaged_imagenome_tables_are_named(tmp_path):
    path = tmp_path / "relations.txt"
    path.write_text("image_id\tlabel_name\n")
    with pytest.raises(CohortError, match="relations.txt: cannot be read"):
        imagenome_labels(path, IMAGENOME)
    path.write_text("image_id\tlabel_name\trelation\na.dcm\tatelectasis\t2\n")
    with pytest.raises(CohortError, match="relation '2' is neither 1 nor 0"):
        imagenome_labels(path, IMAGENOME)
