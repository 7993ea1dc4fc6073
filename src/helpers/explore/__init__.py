"""Views of a run for JupyterLab: from every number to its images. Each is one call with a run's name."""

from helpers.explore.views import atlas, bench, cases, figures, open_run, plan_study, side_by_side, what_if

__all__ = ["atlas", "bench", "cases", "figures", "open_run", "plan_study", "side_by_side", "what_if"]
