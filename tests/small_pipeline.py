"""A pipeline of the project's own kind with random weights: images of 8 pixels that its decoder makes 16 pixels."""

import torch

from helpers.generators.enlarging.enlarger import Enlarger, EnlargerShape
from helpers.generators.words import vocabulary
from helpers.generators.words.networks import WordsShape, pipeline_of, text_encoder_of, unet_of

SHAPE = WordsShape(size=8, fold=2, channels=(32, 32), text_width=32, text_layers=2)
TEXTS = ["No findings.", "pleural effusion", "There is atelectasis."] * 3


def small_pipeline(seed: int = 0):
    """One that hears its words: an untrained UNet would answer nothing."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        unet, tokenizer = unet_of(SHAPE), vocabulary.tokenizer_of(vocabulary.learn(TEXTS))
        for weights in unet.parameters():
            weights.data.add_(torch.randn(weights.shape), alpha=0.05)
        enlarger = Enlarger(EnlargerShape(size=8, factor=2, fold=2, width=8, blocks=1))
        text_encoder = text_encoder_of(SHAPE, tokenizer)
    for network in (unet, text_encoder, enlarger):
        network.eval().requires_grad_(False)
    return pipeline_of(unet, text_encoder, tokenizer, enlarger)
