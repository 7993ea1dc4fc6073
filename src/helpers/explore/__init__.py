"""Views of a run for JupyterLab: from every number to its images. Each is one call with a run's name."""

from helpers.explore.views import cases, figures, what_if

__all__ = ["cases", "figures", "what_if"]
