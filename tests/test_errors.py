import inspect

from helpers import errors


def test_every_error_of_the_project_can_be_caught_as_one_and_says_what_it_is_for():
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]
    assert len(kinds) > 10
    assert all(issubclass(kind, errors.StudyError) and kind.__doc__ for kind in kinds)
