"""Who runs this notebook: a person in JupyterLab, or a program such as papermill."""

import os

import psutil

JUPYTER_SESSION = "JPY_SESSION_NAME"  # set by Jupyter Server for the kernels that it starts


def is_opened_by_a_person(environment: dict | None = None, of_parent: dict | None = None) -> bool:
    """True in JupyterLab, False if a program (papermill, nbconvert) executes the notebook.

    A kernel passes its environment on to whatever it starts, so a mark that the kernel's parent process has too is
    inherited and means nothing: papermill started from a JupyterLab cell is still a program.
    Both arguments default to the real environments.
    """
    environment = dict(os.environ) if environment is None else environment
    of_parent = _environment_of_parent() if of_parent is None else of_parent
    mark = environment.get(JUPYTER_SESSION)
    return bool(mark) and mark != of_parent.get(JUPYTER_SESSION)


def _environment_of_parent() -> dict:
    try:
        return psutil.Process(os.getppid()).environ()
    except psutil.Error:
        return {}
