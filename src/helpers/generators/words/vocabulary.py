"""The tokenizer of a text encoder, made from the texts that it will read."""

import json
from collections.abc import Iterable, Mapping

from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import CLIPTokenizer

START, END = "<|startoftext|>", "<|endoftext|>"
LONGEST = 77  # tokens that are read, including start and end; as in Stable Diffusion
REGIONS = 16  # the last of them, which no training text reaches: each learns to tell what is in one part of the image
TOKENS = 1024  # at most, including the 512 that can spell any text


def learn(texts: Iterable[str]) -> dict:
    """Byte-pair encoding of texts (Sennrich et al. 2016, arXiv 1508.07909): ``vocabulary`` and ``merges``.

    It can spell any text, whether or not its words were in ``texts``.
    """
    reader = CLIPTokenizer()._tokenizer  # how texts are split into words before they are split into tokens
    tokenizer = Tokenizer(models.BPE(unk_token=END, end_of_word_suffix="</w>"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = reader.normalizer, reader.pre_tokenizer
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=TOKENS,
        min_frequency=2,
        special_tokens=[START, END, *letters, *(f"{letter}</w>" for letter in letters)],
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return _plain(tokenizer)


def learned_by(tokenizer: CLIPTokenizer) -> dict:
    """What ``tokenizer_of`` makes this tokenizer from."""
    return _plain(tokenizer.backend_tokenizer)


def _plain(tokenizer: Tokenizer) -> dict:
    found = json.loads(tokenizer.to_str())["model"]
    return {"vocabulary": found["vocab"], "merges": [list(pair) for pair in found["merges"]]}


def tokenizer_of(learned: Mapping) -> CLIPTokenizer:
    """The tokenizer from what ``learn`` found, which pads to the longest text that the encoder reads."""
    merges = [tuple(pair) for pair in learned["merges"]]
    return CLIPTokenizer(vocab=dict(learned["vocabulary"]), merges=merges, model_max_length=LONGEST)
