"""A conditional StyleGAN2 for gray images: mapping network, skip generator, residual discriminator.

Source: Karras et al., "Analyzing and Improving the Image Quality of StyleGAN", CVPR 2020 (arXiv 1912.04958);
projection conditioning: Miyato and Koyama, ICLR 2018 (arXiv 1802.05637); the discriminator also classifies the
findings: Odena et al., ICML 2017 (arXiv 1610.09585). Two changes save three quarters of the work at each change of
resolution: the generator convolves before it upsamples, the discriminator downsamples before it convolves (bilinear
and box filters in place of the paper's blur).
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from helpers.checks import Positive, Several, checked
from helpers.errors import ParameterError
from helpers.findings import ORIGINAL
from helpers.generators.conditions import width_of
from helpers.generators.processes import Draws

SMALLEST = 4  # pixels; the resolution that the generator starts from
GAIN = math.sqrt(2)  # gain of the leaky ReLU, keeps activations at unit variance
NOISE_RATE = 0.05  # share of the learning rate for noise strengths; at the full rate, short training leaves speckle


@checked(ParameterError)
class Architecture:
    """Shape of both networks.

    ``width`` is the number of channels at full resolution; it doubles with each halving, up to ``widest``.
    ``findings`` are those of a condition, in the same order.
    Raises ParameterError if ``size`` is not a power of two of at least 8, or a number is not positive.
    """

    size: int
    width: Positive = 16
    widest: Positive = 128
    latent: Positive = 64
    mapping_layers: Positive = 2
    findings: Several[str] = ORIGINAL.names

    def __post_init__(self):
        if self.size < 8 or self.size & (self.size - 1):
            raise ParameterError(
                f"image size {self.size}: StyleGAN2 needs a power of two, 8 or more; set size in 01_cohort"
            )

    @property
    def resolutions(self) -> tuple[int, ...]:
        """4, 8, ... size."""
        return tuple(2**power for power in range(2, self.size.bit_length()))

    def channels(self, resolution: int) -> int:
        """Number of feature maps at a resolution."""
        return min(self.width * self.size // resolution, self.widest)

    @property
    def noise_resolutions(self) -> tuple[int, ...]:
        """Resolution of each noise input, and so of each styled layer: one at 4 pixels, two at all others."""
        return (SMALLEST, *(r for r in self.resolutions[1:] for _ in range(2)))


class EqualLinear(nn.Module):
    """Linear layer with equalised learning rate; always computes in float32, regardless of autocast."""

    def __init__(self, inputs: int, outputs: int, bias: float = 0.0, rate: float = 1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / rate)
        self.bias = nn.Parameter(torch.full((outputs,), bias / rate))
        self.scale, self.rate = rate / math.sqrt(inputs), rate

    def forward(self, x: Tensor) -> Tensor:
        with torch.autocast(x.device.type, enabled=False):
            return F.linear(x.float(), self.weight * self.scale, self.bias * self.rate)


class EqualConv(nn.Module):
    """Convolution with equalised learning rate, same resolution; ``gain`` is that of the activation that follows."""

    def __init__(self, inputs: int, outputs: int, kernel: int, bias: bool = True, gain: float = 1.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.scale, self.gain = 1 / math.sqrt(inputs * kernel**2), gain

    def forward(self, x: Tensor) -> Tensor:
        bias = None if self.bias is None else self.bias * self.gain
        return F.conv2d(x, self.weight * (self.scale * self.gain), bias, padding=self.weight.shape[-1] // 2)


def _normalise(x: Tensor) -> Tensor:
    return x * torch.rsqrt(x.square().mean(dim=1, keepdim=True) + 1e-8)


class Mapping(nn.Module):
    """Latent (n, latent) and condition code (n, 3 findings) -> w (n, latent)."""

    def __init__(self, shape: Architecture, rate: float = 0.01):
        super().__init__()
        self.embed = EqualLinear(width_of(shape.findings), shape.latent)
        inputs = [2 * shape.latent] + [shape.latent] * (shape.mapping_layers - 1)
        self.layers = nn.ModuleList(EqualLinear(count, shape.latent, rate=rate) for count in inputs)

    def forward(self, latent: Tensor, code: Tensor) -> Tensor:
        x = torch.cat([_normalise(latent), _normalise(self.embed(code))], dim=1)
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2) * GAIN
        return x


class StyledConv(nn.Module):
    """Modulated convolution, demodulation, noise, bias, leaky ReLU (section 2 of the paper).

    It scales the input, applies a shared convolution and demodulates the output. This equals the paper's per-image
    weights (equations 1 and 3) and needs no grouped convolution. With ``enlarge`` the output has twice the resolution.
    """

    def __init__(self, inputs: int, outputs: int, latent: int, enlarge: bool = False):
        super().__init__()
        self.affine = EqualLinear(latent, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.noise_strength = nn.Parameter(torch.zeros(()))
        self.scale, self.enlarge = 1 / math.sqrt(inputs * 9), enlarge

    def forward(self, x: Tensor, w: Tensor, noise: Tensor) -> Tensor:
        style = self.affine(w)  # (n, inputs)
        weight = self.weight * self.scale
        with torch.autocast(x.device.type, enabled=False):
            energy = style.square() @ weight.square().sum(dim=(2, 3)).T  # (n, outputs)
            demodulation = torch.rsqrt(energy + 1e-8) * GAIN
        y = F.conv2d(x * style[:, :, None, None].to(x.dtype), weight, padding=1)
        if self.enlarge:
            y = F.interpolate(y, scale_factor=2, mode="bilinear", align_corners=False)
        bias = (self.bias * GAIN).to(y.dtype)[:, None, None]
        y = torch.addcmul(bias, y, demodulation[:, :, None, None].to(y.dtype))
        return F.leaky_relu(y + (noise * (self.noise_strength * (NOISE_RATE * GAIN))).to(y.dtype), 0.2)


class ToImage(nn.Module):
    """Modulated 1 x 1 convolution without demodulation: features -> one gray channel, float32."""

    def __init__(self, inputs: int, latent: int):
        super().__init__()
        self.affine = EqualLinear(latent, inputs, bias=1.0)
        self.convolution = EqualConv(inputs, 1, kernel=1)

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        return self.convolution(x * self.affine(w)[:, :, None, None].to(x.dtype)).float()


class Generator(nn.Module):
    """Skip generator: each resolution adds to the upsampled image of the previous one."""

    def __init__(self, shape: Architecture):
        super().__init__()
        self.shape = shape
        self.mapping = Mapping(shape)
        channels = [shape.channels(r) for r in shape.resolutions]
        self.constant = nn.Parameter(torch.randn(1, channels[0], SMALLEST, SMALLEST))
        self.layers = nn.ModuleList([StyledConv(channels[0], channels[0], shape.latent)])
        for before, after in zip(channels, channels[1:], strict=False):
            self.layers.append(StyledConv(before, after, shape.latent, enlarge=True))
            self.layers.append(StyledConv(after, after, shape.latent))
        self.to_image = nn.ModuleList(ToImage(count, shape.latent) for count in channels)

    def synthesise(self, styles: Tensor, noise: list[Tensor]) -> Tensor:
        """Styles (n, layers, latent) and noise inputs -> images float32 (n, 1, size, size), about -1..1."""
        x = self.constant.expand(len(styles), -1, -1, -1)
        image = None
        for index, layer in enumerate(self.layers):
            x = layer(x, styles[:, index], noise[index])
            if index % 2 == 0:  # the last layer of its resolution
                drawn = self.to_image[index // 2](x, styles[:, index])
                if image is not None:
                    drawn = drawn + F.interpolate(image, scale_factor=2, mode="bilinear", align_corners=False)
                image = drawn
        return image

    def forward(self, latent: Tensor, code: Tensor, noise: list[Tensor]) -> Tensor:
        """One style for all layers: latent (n, latent), condition code (n, 3 findings) -> images (n, 1, size, size)."""
        styles = self.mapping(latent, code)[:, None].expand(-1, len(self.layers), -1)
        return self.synthesise(styles, noise)


def draw_noise(shape: Architecture, count: int, draws: Draws) -> list[Tensor]:
    """Noise inputs of ``count`` images: one standard normal (count, 1, r, r) for each styled layer."""
    return [draws.normal(count, 1, r, r) for r in shape.noise_resolutions]


class ResidualBlock(nn.Module):
    """Two convolutions and a shortcut; the output has half the resolution."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.first = EqualConv(inputs, inputs, kernel=3, gain=GAIN)
        self.second = EqualConv(inputs, outputs, kernel=3, gain=GAIN)
        self.shortcut = EqualConv(inputs, outputs, kernel=1, bias=False, gain=math.sqrt(0.5))

    def forward(self, x: Tensor) -> Tensor:
        y = F.avg_pool2d(F.leaky_relu(self.first(x), 0.2), 2)
        y = F.leaky_relu(self.second(y), 0.2) * math.sqrt(0.5)
        return y + self.shortcut(F.avg_pool2d(x, 2))


def _spread(x: Tensor, group: int = 4) -> Tensor:
    """Minibatch standard deviation: one more channel with the mean spread over groups of images."""
    group = math.gcd(len(x), group)
    grouped = x.float().unflatten(0, (group, -1))  # (group, n / group, channels, h, w)
    spread = (grouped.var(dim=0, correction=0) + 1e-8).sqrt().mean(dim=(1, 2, 3))
    return spread.repeat(group)[:, None, None, None].expand(-1, 1, *x.shape[2:]).to(x.dtype)


class Discriminator(nn.Module):
    """Residual discriminator; the score is a linear function of the features plus their projection on the condition."""

    def __init__(self, shape: Architecture):
        super().__init__()
        channels = [shape.channels(r) for r in reversed(shape.resolutions)]
        last = channels[-1]
        self.from_image = EqualConv(1, channels[0], kernel=1, gain=GAIN)
        self.blocks = nn.ModuleList(ResidualBlock(a, b) for a, b in zip(channels, channels[1:], strict=False))
        self.convolution = EqualConv(last + 1, last, kernel=3, gain=GAIN)
        self.features = EqualLinear(last * SMALLEST**2, last)
        self.score = EqualLinear(last, 1)
        self.project = EqualLinear(width_of(shape.findings), last)
        self.findings = EqualLinear(last, len(shape.findings))

    def forward(self, image: Tensor, code: Tensor) -> tuple[Tensor, Tensor]:
        """Images (n, 1, size, size), condition codes (n, 3 findings) -> scores (n,), finding logits (n, findings).

        Both are float32. Scores are high for real images; the logits of presence do not depend on the condition.
        """
        x = F.leaky_relu(self.from_image(image), 0.2)
        for block in self.blocks:
            x = block(x)
        x = F.leaky_relu(self.convolution(torch.cat([x, _spread(x)], dim=1)), 0.2)
        features = F.leaky_relu(self.features(x.flatten(1)), 0.2) * GAIN
        projection = (features * self.project(code)).sum(dim=1) / math.sqrt(features.shape[1])
        return self.score(features)[:, 0] + projection, self.findings(features)
