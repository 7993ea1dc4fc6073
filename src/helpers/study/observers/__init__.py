"""Simulated readers that look at the pixels: channels, what they learn from real images, how they answer."""

from helpers.study.observers.learning import Expertise, train_observer
from helpers.study.observers.reader import Seen, SimulatedReader, Traits, look, traits_of

__all__ = ["Expertise", "Seen", "SimulatedReader", "Traits", "look", "train_observer", "traits_of"]
