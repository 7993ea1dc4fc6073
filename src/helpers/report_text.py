"""Text of the report: its sections in order, the tables that each shows, and the captions of the figures."""

from helpers.stats.crossed import LIKE
from helpers.tasks import TASKS

# The main questions by stage: how each is asked, and the figure that answers it.
QUESTIONS = {
    "08_realism": ("Can readers tell the images from real ones?", "accuracy"),
    "08_realism_choice": ("Can readers find the synthetic image among several?", "d_prime"),
    "09_conditionality": ("Do the images show the requested finding?", "auc"),
}
# One more question if images were requested in several wordings: its stage, how it is asked, its figure.
OF_WORDINGS = ("09_conditionality", "What does the wording of the prompt change?", "wordings_by_finding")

SECTIONS = (
    {
        "stage": "08_realism",
        "title": QUESTIONS["08_realism"][0],
        "text": "Each trial showed a real and a synthetic image of the same kind, side by side in random order, and "
        "asked which one is synthetic. “Cannot determine” counts as one half. Guessing gives 0.50.",
        "tables": (
            ("accuracy.csv", ["source"], "Right"),
            ("differences.csv", ["first", "second"], "Difference"),
            ("primary.csv", ["question", "compared"], "Primary questions"),
            ("wordings.csv", ["source"], "Right, by wording of the prompt"),
            ("wording_differences.csv", ["first", "second"], "Difference of wordings"),
            ("worst_cases.csv", ["compared", "assumption"], "Unread trials"),
        ),
    },
    {
        "stage": "09_conditionality",
        "title": QUESTIONS["09_conditionality"][0],
        "text": "Each trial showed one image and named one finding. The area under the ROC curve (AUC) is the chance "
        "that an image asked to show the finding is rated higher than one asked not to show it. Real images are the "
        "yardstick.",
        "tables": (
            ("auc.csv", ["source"], "AUC"),
            ("auc_differences.csv", ["first", "second"], "Difference"),
            ("primary.csv", ["question", "compared"], "Primary questions"),
            ("auc_by_finding.csv", ["finding", "source"], "AUC"),
            ("wordings.csv", ["source"], "AUC by wording of the prompt"),
            ("wording_differences.csv", ["first", "second"], "Difference of wordings"),
            ("worst_cases.csv", ["compared", "assumption"], "Unread trials"),
        ),
    },
    {
        "stage": "10_agreement_cues",
        "title": "Do readers agree, and what gives an image away?",
        "text": "Agreement of 0 is chance, 1 is complete agreement. After a decided realism answer, readers named the "
        "main visual cue; a cue named as often in wrong calls as in right ones is a habit, not a clue.",
        "tables": (("between_readers.csv", ["task", "source", "measure"], "Agreement"),),
    },
    {
        "stage": "11_power",
        "title": "What could a study of this size have shown?",
        "text": "Studies were simulated from the variances of this one. Power is the share of simulated studies that "
        "reach p < 0.05 where a difference truly exists.",
        "tables": (),
    },
    {
        "stage": "05_image_metrics",
        "title": "How far are the images from real ones, as computers measure it?",
        "text": "What can be measured without readers: whether sets of images look alike, vary as much, show what was "
        "requested, copy training images, and are useful for training. The real row compares real images with other "
        "real images, at equal numbers: no generator can be expected to do better. Distances are in the features of a "
        "classifier that was trained on the training split; figures give the digest of its weights.",
        "tables": (),
    },
    {
        "stage": "04_sample",
        "title": "What do the images look like?",
        "text": "The first images of each study cell, not hand-picked.",
        "tables": (),
    },
    {
        "stage": "02_train_enlarger",
        "title": "How images were enlarged",
        "text": "Generators draw small images; a network trained only on the training split enlarges them and adds "
        "details.",
        "tables": (),
    },
    {
        "stage": "02_train_gan",
        "title": "How the GAN was trained",
        "text": "A conditional StyleGAN2, trained only on the training split.",
        "tables": (),
    },
    {
        "stage": "03_train_diffusion",
        "title": "How the diffusion model was trained",
        "text": "A small Stable Diffusion model, trained in words: on reports and labels of the training split only. "
        "What it draws is small and folded; the network that enlarges the GAN's images unfolds and enlarges it.",
        "tables": (),
    },
    {
        "stage": "01_cohort",
        "title": "Whose images are these?",
        "text": "The cohort, split by patient. Real images shown to readers come from the test split, which no model "
        "has seen.",
        "tables": (),
    },
    {
        "stage": "06_study_plan",
        "title": "What was read, and in which order?",
        "text": "Every reader read the same cases, each in their own order. All images went through the same display.",
        "tables": (),
    },
    {
        "stage": "07_reading",
        "title": "How the reading went",
        "text": "Answers were stored one by one as they were given. Practice and repeated trials are left out of every "
        "number above, except agreement of readers with themselves.",
        "tables": (),
    },
)

OF_TRAINING = {
    "frechet": "Fréchet distance of thumbnails and textures over the images seen; it uses no network.",
    "snapshots": "How its images developed: same seeds and conditions in every row.",
    "samples": "Samples of every study cell, at the end of training.",
}
CAPTIONS = {
    "01_cohort": {
        "prevalence": "How often each finding is present, by split, with 95 % intervals (Wilson).",
        "co_occurrence": "How often findings occur together.",
        "people": "Views, sexes and ages.",
        "cell_counts": "Images in each study cell and split.",
        "examples": "Examples of each study cell.",
        "severities": "One phantom, each finding from absent to severe; outlines show where it is.",
    },
    "02_train_enlarger": {
        "curves": "Distance of enlarged images from the originals over the images seen, and the critic's loss.",
        "examples": "Images of the test split, reduced to the size that generators draw, and enlarged again.",
    },
    "02_train_gan": {"losses": "Losses over the images seen.", **OF_TRAINING},
    "03_train_diffusion": {"loss": "Loss over the images seen.", **OF_TRAINING},
    "04_sample": {
        "sources": "Real and synthetic images of each study cell.",
        "sweeps": "The same seeds under weaker and stronger settings of each generator.",
        "walk": "One patient of each generator, on the way from absent to present.",
    },
    "05_image_metrics": {
        "overall": "Everything on one page: each source beside held-out real images, by every measure. The band is "
        "real against real at equal numbers; for condition it is the ceiling, for the gain it is other real images.",
        "opinions": "The same distances in other feature spaces. Units differ; only the position relative to the "
        "band can be compared.",
        "cells": "KID by study cell.",
        "sharpness": "Power by spatial frequency against real images. Below 1 at high frequencies: smoother than real; "
        "above: noisier. The band is real against real; dotted: half and twice.",
        "variety": "Similarity of images within a cell: 1 is the same image. Above real images: repetition.",
        "condition": "How well an independent classifier finds the requested label, with real images as the yardstick.",
        "wordings": "The same for each wording of the prompt, if a source was given several.",
        "confusion": "Findings that the classifier sees, by what was requested (framed). Compare with real images.",
        "reliability": "Calibration: the classifier's probability against the share with the finding.",
        "measurements": "Measurements in images asked for a large heart or an effusion, and in those asked to show "
        "none. Outlines by a small network trained on phantoms' masks.",
        "utility": "What training on synthetic images gains on held-out real ones, beside the gain from equally "
        "many more real images.",
        "nearest": "The synthetic images nearest to a training image, with that image. A screening, not a proof.",
        "classifier": "Training of the classifier that provides the features.",
    },
    "06_study_plan": {
        "trials": "Trials by task, source and study cell.",
        "order": "Order of the trials of each reader.",
        "sides": "Sides on which the synthetic images appeared.",
        "display": "Images as readers see them.",
        "encoder_gate": "Can real and synthetic images be told apart by how they are stored? Bytes and bits must lie "
        "at 0.5. Gray levels and borders also depend on what the image shows, so they may lie above 0.5 if "
        "the images themselves differ.",
    },
    "07_reading": {"progress": "Answers and times of each reader, not split by truth."},
    "08_realism": {
        "accuracy": "Proportion of right answers. Thick: these readers. Thin: readers like these.",
        "gate": "Readers beside a classifier that sees only facts of the encoding.",
        "difference": "Difference in the proportion of right answers between sources.",
        "equivalence": "As good as guessing? 90 % intervals beside the margin that was set in advance (green).",
        "cells": "Proportion of right answers by finding, present and absent. Exploratory.",
        "wordings": "Proportion of right answers by wording of the prompt.",
        "wordings_by_finding": "Proportion of right answers by finding and wording of the prompt. Exploratory.",
        "readers": "Proportion of right answers of each reader. Exploratory.",
        "confidence": "How sure the answers were. No intervals: pooled over readers.",
        "side": "Proportion of right answers by the side of the synthetic image.",
        "subgroups": "Proportion of right answers in subgroups of the cases. Exploratory; tests in notebook 8.",
        "missing": "How far unread trials could move the answer, by the shift assumed for them. Dotted: where a "
        "conclusion for readers like these changes.",
        "times": "Active time of each answer, and over the session.",
        "rules": "Proportion of right answers under other rules for undetermined answers.",
    },
    "08_realism_choice": {
        **{
            name: f"Proportion of right answers, {task.title}. Thick: these readers. Thin: readers like these."
            for name, task in TASKS.items()
            if task.notebook == "08_realism_choice"
        },
        "d_prime": "Sensitivity d': 0 is guessing, whatever the number of images. Thick: these readers. Thin: readers "
        "like these.",
    },
    "09_conditionality": {
        "auc": "Area under the ROC curve, mean over findings.",
        "difference": "Difference in area between sources.",
        "equivalence": "As good as real images? 90 % intervals beside the margin that was set in advance (green).",
        "findings": "Area under the ROC curve by finding. Exploratory.",
        "roc": "ROC curves of each reader (thin) and of their mean (thick), with their decision points.",
        "sensitivity": "Images asked to show the finding that were called present.",
        "specificity": "Images asked not to show the finding that were called absent.",
        "wordings": "Area under the ROC curve by wording of the prompt, mean over findings.",
        "wordings_by_finding": "Area under the ROC curve by finding and wording of the prompt. Exploratory.",
        "readers": "Area under the ROC curve of each reader. Exploratory.",
        "severity": "Share of the findings present in phantoms that were seen, by third of severity. Exploratory.",
        "ratings": "How the scale was used. No intervals: pooled over readers.",
        "subgroups": "Area under the ROC curve in subgroups of the cases. Exploratory; tests in notebook 9.",
        "missing": "How far unread trials could move the answer, by the shift assumed for them. Dotted: where a "
        "conclusion for readers like these changes.",
    },
    "10_agreement_cues": {
        "between": "Agreement between readers, with 95 % intervals over cases.",
        "between_by_finding": "Agreement between readers by finding, with 95 % intervals over cases. Exploratory.",
        "within": "Agreement of each reader with themselves on repeated cases.",
        "cues": f"Which cue was named, when the call was right and when it was wrong; intervals for {LIKE}.",
        "cues_by_finding": "The same by finding; intervals for these readers. Exploratory.",
        "marks": "Where readers saw the cue. No intervals: density of their marks, all readers weighted equally.",
        "metrics": "Does a computer's score of an image agree with what readers say about it? Rank correlation with "
        "95 % intervals for these readers on other images; the band is another reader. Exploratory.",
        "speed_accuracy": "Times of wrong and undetermined answers beside right ones, and accuracy from fast to slow "
        "answers. Thick: these readers. Thin: readers like these. Exploratory.",
    },
    "11_power": {
        "difference": "Power to find a difference with this study's readers and cases.",
        "design": "Power with other numbers of readers and cases, for the difference in accuracy.",
        "design_auc": "The same for the difference in area under the ROC curve.",
        "design_difference_assumed": "Power for the difference in accuracy, with assumed shares of variance.",
        "design_auc_difference_assumed": "The same for the difference in area under the ROC curve.",
        "power_map": "Power in closed form over readers and cases, from the variance components of this study's areas.",
        "coverage": "Do the intervals contain the true value, and do tests find differences that are not there? From "
        "simulated studies with known values; bars are Monte Carlo intervals.",
    },
}
