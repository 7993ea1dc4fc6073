import pandas as pd
import pytest

from helpers.cohort.labels import from_columns, from_lists
from helpers.errors import CohortError

NAMES = {"fracture": ("Rib fracture", "Clavicle fracture"), "edema": ("Edema",)}


def test_a_finding_of_several_columns_is_present_where_any_is():
    cells = {"Rib fracture": ["1", "0", "0", None, "-1"], "Clavicle fracture": ["0", "0", "-1", None, "1"]}
    table = pd.DataFrame({**cells, "Edema": ["1.0", "0.0", "-1.0", None, ""]}, dtype="string")
    labels = from_columns(table, NAMES, "t.csv")
    assert labels["fracture"].fillna(9).tolist() == [1, 0, -1, 9, 1]
    assert labels["edema"].fillna(9).tolist() == [1, 0, -1, 9, 9]


def test_one_of_several_columns_will_do_and_none_is_named():
    assert list(
        from_columns(pd.DataFrame({"Edema": ["1"]}, dtype="string"), {"edema": ("Oedema", "Edema")}, "t.csv")["edema"]
    ) == [1]
    with pytest.raises(CohortError, match="t.csv: column 'Rib fracture' is missing; it has Edema"):
        from_columns(pd.DataFrame({"Edema": ["1"]}, dtype="string"), NAMES, "t.csv")


@pytest.mark.parametrize(
    ("cells", "separator"),
    [
        (["Edema|Rib Fracture", "No Finding", None], r"\|"),
        (["['edema', 'rib fracture']", "['normal']", "[]"], ","),
        ([" Edema ; Clavicle fracture", "normal", "nan"], ";"),
    ],
)
def test_what_is_not_listed_is_absent_and_a_blank_list_says_nothing(cells, separator):
    labels = from_lists(pd.Series(cells, dtype="string"), NAMES, separator)
    assert labels.fillna(9).to_numpy().tolist() == [[1, 1], [0, 0], [9, 9]]
