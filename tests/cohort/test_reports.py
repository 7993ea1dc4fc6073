import pandas as pd
import pytest

from helpers.cohort.reports import first_of, main_text, read_reports, sections

REPORT = """                                 FINAL REPORT
 EXAMINATION:  CHEST (PA AND LAT)

 INDICATION:  ___F with new onset ascites  // eval for infection

 FINDINGS:

 There is no focal consolidation,
 pleural effusion or pneumothorax.

 IMPRESSION:

 No acute cardiopulmonary process.
"""


def test_a_report_has_sections_by_its_headings():
    found = sections(REPORT)
    assert found["EXAMINATION"] == "CHEST (PA AND LAT)"
    assert found["FINDINGS"] == "There is no focal consolidation, pleural effusion or pneumothorax."
    assert found[""] == "FINAL REPORT"


@pytest.mark.parametrize(
    ("report", "text"),
    [
        (REPORT, "No acute cardiopulmonary process."),
        (REPORT[: REPORT.index(" IMPRESSION")], "There is no focal consolidation, pleural effusion or pneumothorax."),
        ("FINAL REPORT\n\n AP chest compared to ___:\n\n Lungs are\n clear.\n", "Lungs are clear."),
        ("IMPRESSION:\n\n FINDINGS: Clear.", "Clear."),
        (" \n", None),
    ],
)
def test_the_impression_comes_before_the_findings_and_these_before_the_last_paragraph(report, text):
    assert main_text(report) == text


def test_the_first_text_that_is_not_blank_is_taken():
    columns = [pd.Series([" ", None, "a\nb"], dtype="string"), pd.Series(["x", None, "y"], dtype="string")]
    assert first_of(*columns).fillna("blank").tolist() == ["x", "blank", "a b"]


def test_reports_are_read_where_they_are_there(tmp_path):
    (tmp_path / "s1.txt").write_text(REPORT)
    files = pd.Series([f"{tmp_path}/s1.txt", f"{tmp_path}/s2.txt", f"{tmp_path}/s1.txt", None])
    assert read_reports(files).fillna("none").tolist() == ["No acute cardiopulmonary process.", "none"] * 2
