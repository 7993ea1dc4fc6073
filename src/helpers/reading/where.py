"""Who runs this notebook: a person in JupyterLab or Voila, or a program such as papermill."""

import os

import psutil

JUPYTER_SESSION = "JPY_SESSION_NAME"  # set by Jupyter Server for the kernels that it starts
VOILA_SERVER = "VOILA_SERVER_URL"  # set by Voila for the kernels that it starts


def opened_in(environment: dict | None = None, of_parent: dict | None = None) -> str:
    """Where the notebook of this kernel is: ``"jupyterlab"``, ``"voila"`` or ``"program"`` (papermill, nbconvert).

    The environment of a kernel is handed down to whatever it starts, so a mark that the kernel's parent process
    bears too is inherited and says nothing: papermill started from a JupyterLab cell is still a program.
    Both arguments default to the real environments.
    """
    environment = dict(os.environ) if environment is None else environment
    of_parent = _environment_of_parent() if of_parent is None else of_parent
    for mark, place in ((VOILA_SERVER, "voila"), (JUPYTER_SESSION, "jupyterlab")):
        if environment.get(mark) and environment[mark] != of_parent.get(mark):
            return place
    return "program"


def is_opened_by_a_person() -> bool:
    """True in JupyterLab and Voila, False where a program executes the notebook."""
    return opened_in() != "program"


def _environment_of_parent() -> dict:
    try:
        return psutil.Process(os.getppid()).environ()
    except psutil.Error:
        return {}
