"""Phrases for reports on phantoms: those for training, and held-out ones that are never used in training.

Held-out phrases have the words of the others in another order, so that they test whether sentences are understood.
Braces mark what is filled in; ``{things}`` is one absent finding or a list of them.
"""

from collections.abc import Sequence

import numpy as np

DEGREES = {
    "atelectasis": ("mild", "moderate", "severe"),
    "lung_opacity": ("mild", "moderate", "extensive"),
    "pleural_effusion": ("small", "moderate", "large"),
    "enlarged_cardiac_silhouette": ("mildly", "moderately", "severely"),
}
THINGS = {"atelectasis": "atelectasis", "lung_opacity": "lung opacity", "pleural_effusion": "pleural effusion"}
KINDS = {"plate": "linear", "segment": "segmental", "lobe": "lobar"}
DEVICES = {
    "ecg_leads": "ECG leads",
    "central_line": "central venous line",
    "pacemaker": "pacemaker",
    "tracheal_tube": "tracheal tube",
}
DECADES = ("teens", "twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")
PEOPLE = {"F": ("woman", "female", "her"), "M": ("man", "male", "his")}

TRAINED = {
    "PA": ("PA view.", "PA chest radiograph.", "Frontal radiograph, PA view."),
    "AP": ("AP view.", "Portable AP chest radiograph.", "Bedside radiograph, AP view."),
    "patient": ("{person} in {their} {decade}.", "{sex} patient in {their} {decade}."),
    "atelectasis": (
        "{degree} {kind} atelectasis in the {side} {zone} lung.",
        "There is {degree} {kind} atelectasis in the {side} {zone} lung.",
        "{degree} atelectasis of the {side} {zone} lung, {kind}.",
        "{kind} atelectasis is seen in the {side} {zone} lung, {degree}.",
        "{side} {zone} lung atelectasis, {kind}, {degree}.",
        "{side} {zone} lung: {degree} {kind} atelectasis.",
        "Atelectasis in the {side} {zone} lung, {degree} and {kind}.",
        "{degree} atelectasis.",
    ),
    "lung_opacity": (
        "{degree} opacity in the {side} {zone} lung.",
        "There is {degree} opacity in the {side} {zone} lung.",
        "{side} {zone} lung opacity, {degree}.",
        "{degree} lung opacity.",
    ),
    "lung_opacity_several": (
        "{degree} opacities in the {places} lung.",
        "There are {degree} opacities in the {places} lung.",
        "Multiple opacities are seen in the {places} lung, {degree}.",
    ),
    "pleural_effusion": (
        "{degree} {side} pleural effusion.",
        "There is a {degree} {side} pleural effusion.",
        "{degree} pleural effusion on the {side}.",
        "A {degree} pleural effusion is seen on the {side} side.",
        "{degree} pleural effusion.",
    ),
    "pleural_effusion_both": (
        "{degree} bilateral pleural effusions.",
        "There are {degree} bilateral pleural effusions.",
        "{degree} pleural effusions on both sides.",
    ),
    "enlarged_cardiac_silhouette": (
        "The cardiac silhouette is {degree} enlarged.",
        "{degree} enlarged cardiac silhouette.",
        "The heart is {degree} enlarged.",
    ),
    "normal_heart": (
        "The cardiac silhouette is normal in size.",
        "The heart is not enlarged.",
        "Normal size of the heart.",
    ),
    "none": ("No {things}.", "There is no {things}.", "No {things} is seen.", "Not seen: {things}."),
    "normal": ("Normal chest radiograph.", "The lungs are clear and the heart is normal in size."),
    "devices": ("{devices} in place.", "Devices: {devices}."),
    "no_devices": ("No devices.", "There are no devices."),
}
HELD_OUT = {
    "PA": ("Chest radiograph, PA view.",),
    "AP": ("Portable chest radiograph, AP view.",),
    "patient": ("Radiograph of a {sex} patient in {their} {decade}.",),
    "atelectasis": (
        "In the {side} {zone} lung there is {degree} atelectasis, {kind}.",
        "Atelectasis, {degree} and {kind}, is seen in the {side} {zone} lung.",
    ),
    "lung_opacity": (
        "In the {side} {zone} lung there is {degree} opacity.",
        "Opacity is seen in the {side} {zone} lung, {degree}.",
    ),
    "lung_opacity_several": ("In the {places} lung there are {degree} opacities.",),
    "pleural_effusion": (
        "On the {side} side there is a {degree} pleural effusion.",
        "Pleural effusion, {side} and {degree}.",
    ),
    "pleural_effusion_both": ("On both sides there are {degree} pleural effusions.",),
    "enlarged_cardiac_silhouette": (
        "There is a {degree} enlarged heart.",
        "Cardiac silhouette, {degree} enlarged.",
    ),
    "normal_heart": ("There is a normal cardiac silhouette.", "Heart not enlarged."),
    "none": ("{things} is not seen.",),
    "normal": ("There is a normal heart and the lungs are clear.",),
    "devices": ("In place: {devices}.",),
    "no_devices": ("Devices: no devices.",),
}


def say(ways: Sequence[str], rng: np.random.Generator, **filled: str) -> str:
    """One of several phrasings at random, filled in and starting with a capital letter."""
    said = ways[int(rng.integers(len(ways)))].format(**filled)
    return said[0].upper() + said[1:]


def listed(words: Sequence[str], last: str) -> str:
    """``a``, ``a and b`` or ``a, b and c``."""
    return f" {last} ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)


def person(sex: str, age: float) -> dict[str, str]:
    """Words to fill in the phrase "patient"; sex is F or M, age from 10 to 99 years."""
    noun, adjective, their = PEOPLE[sex]
    return {"person": noun, "sex": adjective, "their": their, "decade": DECADES[int(age) // 10 - 1]}
