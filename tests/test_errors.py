import inspect

import pytest

from helpers import errors


def test_every_error_of_the_project_can_be_caught_as_one_and_says_what_it_is_for():
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, Exception)]
    assert len(kinds) > 10
    assert all(issubclass(kind, errors.StudyError) and kind.__doc__ for kind in kinds)


def test_a_command_that_cannot_go_on_ends_with_2_and_one_line_and_others_with_their_own_code(capsys):
    def refuse():
        raise errors.RunError("run 'a': there is no such run")

    assert errors.exit_code_of(refuse) == 2
    assert capsys.readouterr().err == "RunError: run 'a': there is no such run\n"
    assert errors.exit_code_of(lambda: None) == 0 and errors.exit_code_of(lambda: 7) == 7


def test_a_fault_of_the_program_is_not_made_a_users_mistake():
    with pytest.raises(ZeroDivisionError):
        errors.exit_code_of(lambda: 1 / 0)
