"""Facts about a run in short sentences, for the reporting table; an empty text if a fact is not known."""

from functools import cached_property

import pandas as pd

from helpers.figures.style import TASK_TITLES, source_title
from helpers.provenance import findings_of, read_manifest, read_results, shows_phantoms
from helpers.report_answers import interval
from helpers.runs import Run
from helpers.stats.readings import source_order
from helpers.study.frozen_plan import EXCLUSIONS, read
from helpers.study.frozen_plan import day as in_words
from helpers.study.settings import GUEST
from helpers.tables import PLAN, READINGS, SAMPLES, cohort_schema, read_table
from helpers.tasks import CONDITIONALITY, NOTEBOOKS_OF_TASKS, REAL, TASKS


class Facts:
    """Sentences about a run whose stages have finished, each on one item of the reporting table."""

    def __init__(self, run: Run):
        self.run = run

    @cached_property
    def readings(self) -> pd.DataFrame:
        return read_table(self.run.stage_folder("07_reading") / "readings.csv", READINGS)

    @cached_property
    def images(self) -> pd.DataFrame:
        schema = cohort_schema(findings_of(self.run))
        return read_table(self.run.stage_folder("01_cohort") / "cohort.csv", schema)

    @cached_property
    def samples(self) -> pd.DataFrame:
        return read_table(self.run.stage_folder("04_sample") / "samples.csv", SAMPLES)

    @cached_property
    def plan(self) -> pd.DataFrame:
        """The plan without the guest's trials; no rows if the run has no plan."""
        path = self.run.stage_folder("06_study_plan") / "plan.csv"
        table = read_table(path, PLAN) if path.is_file() else pd.DataFrame(columns=list(PLAN.columns))
        return table[table["reader"] != GUEST]

    @cached_property
    def numbers(self) -> dict[str, dict]:
        return {row["name"]: row for row in read_results(self.run)}

    @cached_property
    def main(self) -> pd.DataFrame:
        return self.readings[~self.readings["is_practice"] & self.readings["repeat_of"].isna()]

    def manifest(self, stage: str) -> dict:
        return read_manifest(self.run, stage) if self.run.manifest(stage).is_file() else {"parameters": {}}

    def setting(self, stage: str, name: str):
        return self.manifest(stage)["parameters"].get(name)

    @property
    def is_phantom(self) -> bool:
        return shows_phantoms(self.run)

    @property
    def sources(self) -> list[str]:
        return source_order(self.samples["source"])

    def subject(self) -> str:
        titles = ", ".join(TASK_TITLES[task] for task in dict.fromkeys(self.main["task"]))
        return f"Reader study of images by {', '.join(map(source_title, self.sources))}. Tasks: {titles}."

    def primary(self) -> str:
        asked = [(stage, self.setting(stage, "primary"), self.setting(stage, "margin")) for stage in NOTEBOOKS_OF_TASKS]
        said = [f"{stage}: {', '.join(questions)}; margin {margin}" for stage, questions, margin in asked if questions]
        return f"Primary questions (Holm): {'. '.join(said)}." if said else ""

    def timing(self) -> str:
        frozen = read(self.run)
        if frozen is None:
            return "No plan was frozen before the readings."
        late = f" when {frozen['answers_before']} answers had been given" if frozen["answers_before"] else ""
        moments = self.readings["submitted_at"].dropna()
        people = "simulated" not in set(self.readings["reader_kind"]) and len(moments)
        first = f" First answer on {in_words(moments.min())}." if people else ""
        return f"Plan frozen on {in_words(frozen['frozen_at'])}{late}.{first}"

    def cohort(self) -> str:
        name, patients = self.setting("01_cohort", "cohort"), self.images["patient_id"].nunique()
        kind = "drawn by a program, no patients" if self.is_phantom else f"{patients:,} patients"
        return f"Cohort “{name}”: {len(self.images):,} images, {kind}."

    def inclusion(self) -> str:
        views = self.setting("01_cohort", "views")
        real = f"Views: {', '.join(views) if views else 'all'}. " if not self.is_phantom else ""
        split = self.setting("06_study_plan", "split")
        return (
            f"{real}Real images shown: from split “{split}”, at random within study cells by exact label; blank and "
            "uncertain labels never count. Synthetic images: as sampled, none chosen by eye."
        )

    def display(self) -> str:
        size = self.setting("01_cohort", "size")
        return f"8-bit gray, {size} × {size} pixels, one display pipeline for real and synthetic images, no metadata."

    def identity(self) -> str:
        return "Phantoms: nobody to identify." if self.is_phantom else "Images have random names and no metadata."

    def missing(self) -> str:
        if self.plan.empty:
            return ""
        main = self.plan[~self.plan["is_practice"] & self.plan["repeat_of"].isna()]
        lacking = len(main) - len(self.main)
        share = f"{lacking} of {len(main)} planned trials were not read"
        return f"{share}. Analysed as read; notebooks 08 and 09 show how far they could move the answer."

    def truth(self) -> str:
        real = "what was drawn" if self.is_phantom else "the label of the data set (1 or 0 only)"
        return (
            f"Real images: {real}. Synthetic images: the finding that was requested. Realism: where the image is from."
        )

    def agreement(self) -> str:
        return self._listed(
            [
                (f"{TASK_TITLES[task]}, {title}", f"agreement.{task}.{name}")
                for task in dict.fromkeys(self.main["task"])
                for title, name in (("between", "krippendorff_alpha.all"), ("within", "within.all.same_answer"))
            ]
        )

    def splits(self) -> str:
        counts = self.images["split"].value_counts()
        said = ", ".join(f"{name} {counts.get(name, 0):,}" for name in ("train", "validate", "test"))
        return f"{said} images; no patient in two of them."

    def size(self) -> str:
        trials = self.main.groupby(["task", "reader"]).size().groupby("task").mean().round().astype(int)
        said = "; ".join(f"{TASK_TITLES[task]} {count}" for task, count in trials.items())
        found = self._listed([("detectable difference of accuracies", "power.detectable_difference")])
        return f"{self.main['reader'].nunique()} readers; trials each: {said}. {found}".strip()

    def models(self) -> str:
        digests = self.samples.groupby("source")["checkpoint"].first()
        said = [f"{source_title(s)}: {str(digests.get(s))[:12]}" for s in self.sources if pd.notna(digests.get(s))]
        trained = [s for s in ("02_train_gan", "03_train_diffusion") if self.setting(s, "train") is not False]
        warm = {self.setting(stage, "warm_start") for stage in trained} - {None}
        start = f" Starting weights: {', '.join(sorted(warm))}." if warm else ""
        return (f"Checkpoints by digest: {'; '.join(said)}.{start}" if said else "") + " Parameters: see Provenance."

    def software(self) -> str:
        found = self.manifest("07_reading")
        commit = ((found.get("git") or {}).get("commit") or "not under git")[:12]
        lock = (found.get("lock_sha256") or "none")[:12]
        return (
            f"helpers {found.get('helpers')}, commit {commit}, Python {found.get('python')}, packages by lock {lock}."
        )

    def reading(self) -> str:
        kinds = self.readings.drop_duplicates("reader")["reader_kind"].value_counts()
        who = " and ".join(f"{count} {kind}" for kind, count in kinds.items())
        years = self.readings.get("experience_years", pd.Series(dtype=float)).dropna()
        experience = f", {years.min():g} to {years.max():g} years of experience" if len(years) else ""
        scales = "; ".join(f"{TASK_TITLES[task]}: {TASKS[task].scale}" for task in dict.fromkeys(self.main["task"]))
        return f"Readers: {who}{experience}. Answers: {scales}. Own random order, practice first."

    def cutoff(self) -> str:
        return "A rating above 0 calls, below 0 rejects. Areas need no cut-off. Fixed before reading, in the program."

    def blinding(self) -> str:
        return "A random trial name, the pixels and the question. No truth, source, label or clinical data."

    def methods(self) -> str:
        return "See Methods: proportions by two-way random effects, areas by Obuchowski and Rockette; 95 % intervals."

    def undetermined(self) -> str:
        share = (self.main["rating"] == 0).mean()
        rules = {self.setting(stage, "undetermined") for stage in NOTEBOOKS_OF_TASKS} - {None}
        return f"{share:.0%} of answers. Counted as: {', '.join(sorted(rules)) or 'half'}; other rules in notebook 08."

    def sensitivity(self) -> str:
        return "Exploratory: subgroups, covariates, other estimators, rules for undetermined answers, missing trials."

    def reasons(self) -> str:
        named = self.main["cue"].dropna()
        most = named.value_counts(normalize=True)
        return (
            f"Most named reason: {most.index[0].replace('_', ' ')} ({most.iloc[0]:.0%} of {len(named)})."
            if len(named)
            else ""
        )

    def flow(self) -> str:
        kinds = [f"{len(self.plan):,} trials planned"] if len(self.plan) else []
        practice, repeats = int(self.readings["is_practice"].sum()), int(self.readings["repeat_of"].notna().sum())
        kinds += [f"{len(self.readings):,} read", f"{practice} practice and {repeats} repeats left out of estimates"]
        return f"{', '.join(kinds)}; {len(self.main):,} analysed. Excluded by rule: {EXCLUSIONS}."

    def people(self) -> str:
        own = self.images.groupby("split")
        age = own["age"].agg(["mean", "std"])
        women = own["sex"].apply(lambda sex: (sex == "F").sum() / max(1, sex.notna().sum()))
        known = [name for name in ("train", "validate", "test") if name in age.index and pd.notna(age["mean"][name])]
        said = [f"{n}: {age['mean'][n]:.0f} ± {age['std'][n]:.0f} years, {women[n]:.0%} women" for n in known]
        drawn = "Phantoms, drawn to be: " if self.is_phantom else ""
        return drawn + "; ".join(said) + "." if said else ""

    def cross_table(self) -> str:
        own = self.main[self.main["task"] == CONDITIONALITY]
        said = []
        for source in source_order(own["source"]):
            side = own[own["source"] == source]
            called = side["rating"] > 0
            cells = [int((called & (side["truth"] == truth)).sum()) for truth in (1, 0)]
            shown = [int((side["truth"] == truth).sum()) for truth in (1, 0)]
            said.append(f"{source_title(source)} {cells[0]} of {shown[0]} present, {cells[1]} of {shown[1]} absent")
        return f"Called present: {'; '.join(said)}." if said else ""

    def estimates(self) -> str:
        wanted = [(f"{source_title(s)} picked out", f"realism.{s}.accuracy") for s in self.sources]
        wanted += [(f"AUC {source_title(s)}", f"conditionality.{s}.auc") for s in (REAL, *self.sources)]
        return self._listed(wanted)

    def limits(self) -> str:
        return "See Limits. " + ("Phantoms show the method only." if self.is_phantom else "")

    def registration(self) -> str:
        frozen = read(self.run)
        return f"Frozen plan: frozen_plan.json, SHA-256 of its content {frozen['digest']}." if frozen else ""

    def availability(self) -> str:
        return "Every stage has a manifest with digests of what it read and wrote; readings.csv has a codebook."

    def _listed(self, wanted: list[tuple[str, str]]) -> str:
        """``Title 0.64 (0.55 to 0.71)`` for each of the wanted numbers that was recorded."""
        said = [f"{title} {interval(self.numbers[name])}" for title, name in wanted if name in self.numbers]
        return "; ".join(said) + "." if said else ""
