"""Statistics of few readers who see the same cases: tidy tables in, tidy tables out.

The main functions can be taken from here; each is imported when it is first asked for.
"""

from importlib import import_module

_MODULES = {
    "accuracy": "proportions",
    "against_chance": "agreement",
    "all_auc_differences": "mrmc",
    "all_differences": "proportions",
    "analysed": "readings",
    "auc": "mrmc",
    "auc_difference": "mrmc",
    "between_readers": "agreement",
    "difference": "proportions",
    "fit_ordinal": "mixed.clmm",
    "likelihood_ratios": "mrmc",
    "load": "readings",
    "obuchowski_rockette": "mrmc.obuchowski_rockette",
    "of_auc_differences": "equivalence",
    "of_accuracy_differences": "equivalence",
    "one_shot": "mrmc.gallas",
    "repeated": "readings",
    "roc_points": "mrmc",
    "Scale": "scales",
    "sensitivity_specificity": "mrmc",
}
__all__ = sorted(_MODULES)


def __getattr__(name: str):
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
