"""Statistics for a few readers who see the same cases: tidy tables in, tidy tables out.

The main functions can be imported from here; each is loaded on first use.
"""

from importlib import import_module

_PLACES = {
    "accuracy": "proportions.accuracy",
    "against_chance": "agreement.against_chance",
    "all_auc_differences": "mrmc.all_auc_differences",
    "all_call_differences": "mrmc.all_call_differences",
    "all_differences": "proportions.all_differences",
    "analysed": "readings.analysed",
    "area_estimates": "mrmc.estimates.area_estimates",
    "auc": "mrmc.auc",
    "auc_difference": "mrmc.auc_difference",
    "between_readers": "agreement.between_readers",
    "by_level": "subgroups.by_level",
    "cases_needed": "mrmc.sample_size.cases_needed",
    "crossing": "unread_trials.crossing",
    "designs_needed": "mrmc.sample_size.designs_needed",
    "difference": "proportions.difference",
    "fit_mixed": "mixed.glmm.fit",
    "fit_ordinal": "mixed.clmm.fit_ordinal",
    "interactions": "subgroups.interactions",
    "likelihood_ratios": "mrmc.likelihood_ratios",
    "load": "readings.load",
    "lroc_tables": "mrmc.localisation.lroc_tables",
    "margin_claims": "margins.claims",
    "mark_analysis": "mrmc.localisation.mark_analysis",
    "mark_estimates": "mrmc.localisation.mark_estimates",
    "marks_in_boxes": "mrmc.reading_marks.marks_in_boxes",
    "obuchowski_rockette": "mrmc.obuchowski_rockette.obuchowski_rockette",
    "of_accuracy_differences": "equivalence.of_accuracy_differences",
    "of_auc_differences": "equivalence.of_auc_differences",
    "one_shot": "mrmc.gallas.one_shot",
    "pilot": "mrmc.pilot.pilot",
    "Pilot": "mrmc.pilot.Pilot",
    "power_map": "mrmc.sample_size.power_map",
    "prompt_components": "prompt_effect.of_sources",
    "power_with_prompts": "prompt_power.power",
    "readers_minus_algorithm": "mrmc.readers_minus_algorithm",
    "repeated": "readings.repeated",
    "roc_points": "mrmc.roc_points",
    "Scale": "scales.Scale",
    "sensitivity_specificity": "mrmc.sensitivity_specificity",
    "shifted_unread": "missing_readings.shifted",
    "templates_needed": "prompt_power.templates_needed",
    "simulated_prompt_power": "prompt_power.simulated_power",
    "tipping_points": "missing_readings.tipping_points",
    "unread": "unread_trials.unread",
    "within_readers": "agreement.within_readers",
    "worst_cases": "missing_readings.worst_cases",
}
__all__ = sorted(_PLACES)


def __getattr__(name: str):
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = _PLACES[name].rpartition(".")
    return getattr(import_module(f"{__name__}.{module}"), attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
