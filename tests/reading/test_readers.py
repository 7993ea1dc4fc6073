"""``python -m helpers.reading.readers``: what cannot be done is said in one line."""

import pytest

from helpers.reading.readers import main


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "--run", "tiny", "stranger"], "'stranger' is not in the plan"),
        (["add", "--run", "tiny", "reader-1", "--years", "-3"], "years"),
        (["new-code", "--run", "tiny", "reader-1"], "has no account"),
        (["list", "--run", "other"], "has no study plan yet"),
        (["close", "--run", "tiny", "stranger"], "'stranger' is not in the plan"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(run, capsys, arguments, said):
    assert main(arguments) == 2
    assert said in capsys.readouterr().err
