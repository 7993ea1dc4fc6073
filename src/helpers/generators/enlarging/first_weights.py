"""First weights of the enlarger's autoencoder: an encoder that only takes means and folds, and a decoder that at first
only unfolds and enlarges bilinearly, so that a short training is about details alone.

Both are networks of diffusers (``AutoencoderDC``; Chen et al. 2024, arXiv 2410.10733), whose blocks have shortcuts
around convolutions. The decoder ends in a normalisation and a nonlinearity that would change an image; it passes them
as v and -v, since silu(v) - silu(-v) = v, beside a channel so large that the normalisation is nearly constant. Nothing
else ever reads or changes that channel: its weights are held while the others learn.
"""

import torch
from torch import Tensor, nn

LOUD, PLACE = 100.0, 2  # value and place of the channel that makes the normalisation nearly constant
BILINEAR = torch.tensor([[0.25, 0.75, 0.0], [0.0, 0.75, 0.25]])  # of the two pixels that one becomes, per axis


def set_encoder(encoder: nn.Module, folds: int) -> None:
    """Give the encoder, for good, the weights by which its shortcuts alone act: means of 2 x 2 pixels, then folding."""
    encoder.requires_grad_(False)
    with torch.no_grad():
        for weights in encoder.parameters():
            weights.zero_()
        encoder.conv_in.weight[0, 0, 1, 1] = 1
        # Folding by twos finds pixels in another order than folding at once.
        for made, found in enumerate(_order_by_twos(folds)):
            encoder.conv_out.weight[made, made, 1, 1] -= 1
            encoder.conv_out.weight[made, found, 1, 1] += 1


def set_decoder(decoder: nn.Module, means: int, folds: int) -> None:
    """Give the decoder weights by which it unfolds ``folds`` times and enlarges bilinearly ``means`` times."""
    with torch.no_grad():
        decoder.conv_in.weight.zero_()
        decoder.conv_in.bias.zero_()
        stages = [stage for stage in reversed(decoder.up_blocks) if len(stage)]
        for stage in stages:
            for block in stage:
                if hasattr(block, "norm"):
                    block.norm.weight.zero_()  # what blocks add
                    block.norm.bias.zero_()
        for block in stages[-1]:
            if hasattr(block, "norm"):
                block.conv1.weight[:, PLACE] = 0
                _hold(block.conv1.weight, (slice(None), PLACE))
                _hold(block.norm.weight, PLACE)
                _hold(block.norm.bias, PLACE)
        ups = [stage[0] for stage in stages if hasattr(stage[0], "repeats")]
        for number, up in enumerate(ups):
            maps = _unfolding(2 ** (folds - number)) if number < folds else _enlarging()
            _set_up(up, maps, is_last=number == len(ups) - 1)
        _set_end(decoder, enlarges=means > 0)


def _set_up(up: nn.Module, maps: Tensor, is_last: bool) -> None:
    """Let a block that doubles the size map image channels by ``maps`` (made, in, 3, 3), shortcut included."""
    shortcut = torch.zeros_like(up.conv.weight)
    rows = torch.arange(len(shortcut))
    shortcut[rows, rows // up.repeats, 1, 1] = 1
    wanted = torch.zeros(len(maps) * (3 if is_last else 1), *shortcut.shape[1:])
    wanted[: len(maps), : maps.shape[1]] = maps
    if is_last:  # v, -v and the loud channel, four pixels each
        wanted[len(maps) : 2 * len(maps), : maps.shape[1]] = -maps
    up.conv.weight[: len(wanted)] = wanted - shortcut[: len(wanted)]
    up.conv.bias[: len(wanted)] = 0
    if is_last:
        loud = slice(2 * len(maps), 3 * len(maps))
        up.conv.bias[loud] = LOUD
        _hold(up.conv.weight, loud)
        _hold(up.conv.bias, loud)


def _set_end(decoder: nn.Module, enlarges: bool) -> None:
    decoder.norm_out.weight.fill_(LOUD / len(decoder.norm_out.weight) ** 0.5)
    decoder.norm_out.bias.zero_()
    decoder.norm_out.weight[PLACE] = 0
    _hold(decoder.norm_out.weight, PLACE)
    _hold(decoder.norm_out.bias, PLACE)
    conv = decoder.conv_out.conv if enlarges else decoder.conv_out
    conv.weight.zero_()
    conv.bias.zero_()
    maps = _enlarging() if enlarges else torch.zeros(1, 1, 3, 3)
    if not enlarges:
        maps[0, 0, 1, 1] = 1
    conv.weight[:, :1], conv.weight[:, 1:2] = maps, -maps


def _hold(weights: Tensor, place) -> None:
    """Let a part of some weights be as it is for good: what is learned about it is dropped."""

    def dropped(gradient: Tensor) -> Tensor:
        gradient = gradient.clone()
        gradient[place] = 0
        return gradient

    weights.register_hook(dropped)


def _enlarging() -> Tensor:
    """Bilinear enlargement of one channel to the four pixels of each: (4, 1, 3, 3)."""
    return torch.einsum("ai,bj->abij", BILINEAR, BILINEAR).reshape(4, 1, 3, 3)


def _unfolding(fold: int) -> Tensor:
    """From squares of ``fold`` pixels in channels to squares of half as many: (fold ** 2, fold ** 2, 3, 3)."""
    half, maps = fold // 2, torch.zeros(fold**2, fold**2, 3, 3)
    for row in range(fold):
        for column in range(fold):
            made = (row % half) * half + column % half
            maps[4 * made + 2 * (row // half) + column // half, row * fold + column, 1, 1] = 1
    return maps


def _order_by_twos(folds: int) -> list[int]:
    """Where each channel of folding at once stands after folding by two pixels, so many times."""
    places = torch.arange(4**folds, dtype=torch.float32).view(1, -1, 1, 1)
    image = nn.functional.pixel_shuffle(places, 2**folds)
    for _ in range(folds):
        image = nn.functional.pixel_unshuffle(image, 2)
    return torch.argsort(image.flatten()).tolist()
