import pytest
import torch
import torch.nn.functional as F

from helpers.errors import ParameterError
from helpers.generators.conditions import encode
from helpers.generators.processes import Draws
from helpers.generators.stylegan2 import Architecture, Discriminator, EqualLinear, Generator, StyledConv, draw_noise

SHAPE = Architecture(size=16, width=4, widest=8, latent=8)


def random(seed=0):
    return torch.Generator().manual_seed(seed)


def codes(*states):
    return encode(torch.tensor(states, dtype=torch.int8))


@pytest.fixture
def generator():
    torch.manual_seed(0)
    return Generator(SHAPE)


def test_channels_double_with_each_halving_up_to_the_widest():
    shape = Architecture(size=64, width=16, widest=100)
    assert [shape.channels(r) for r in shape.resolutions] == [100, 100, 64, 32, 16]


@pytest.mark.parametrize(("change", "named"), [({"size": 48}, "48"), ({"size": 4}, "4"), ({"width": 0}, "width = 0")])
def test_impossible_shapes_are_refused(change, named):
    with pytest.raises(ParameterError, match=named):
        Architecture(**{"size": 16} | change)


def test_generator_draws_gray_images_of_the_asked_size(generator):
    latent = torch.randn(3, 8, generator=random())
    image = generator(latent, codes(*[[1, 0, -1, -1]] * 3), draw_noise(SHAPE, 3, Draws.of_seed(0)))
    assert image.shape == (3, 1, 16, 16)
    assert image.dtype == torch.float32


def test_styled_convolution_equals_the_per_image_weights_of_the_paper():
    torch.manual_seed(1)
    layer = StyledConv(3, 5, latent=8)
    x, w = torch.randn(2, 3, 6, 6), torch.randn(2, 8)
    drawn = layer(x, w, torch.zeros(2, 1, 6, 6))
    for index in range(2):
        style = layer.affine(w)[index]
        weight = layer.weight * layer.scale * style[None, :, None, None]  # equation 1
        weight = weight / (weight.square().sum(dim=(1, 2, 3), keepdim=True) + 1e-8).sqrt()  # equation 3
        expected = F.leaky_relu(F.conv2d(x[index : index + 1], weight, padding=1), 0.2) * 2**0.5
        assert torch.allclose(drawn[index : index + 1], expected, atol=1e-5)


def test_activations_keep_unit_scale_through_all_layers(generator):
    code = codes(*[[1, 0, -1, -1]] * 64)
    styles = generator.mapping(torch.randn(64, 8, generator=random()), code)[:, None].expand(-1, 5, -1)
    x = generator.constant.expand(64, -1, -1, -1)
    for index, layer in enumerate(generator.layers):
        x = layer(x, styles[:, index], torch.zeros(64, 1, 1, 1))
        assert 0.3 < x.square().mean().sqrt() < 2


def test_equalised_layers_have_unit_normal_weights_whatever_their_size():
    torch.manual_seed(0)
    layer = EqualLinear(512, 64)
    assert float(layer.weight.detach().std()) == pytest.approx(1, abs=0.05)
    assert float(layer(torch.randn(256, 512)).detach().std()) == pytest.approx(1, abs=0.1)


def test_noise_inputs_change_details_once_their_strength_is_not_zero(generator):
    latent, code = torch.randn(1, 8, generator=random()), codes([1, 0, -1, -1])

    def draw(seed):
        return generator(latent, code, draw_noise(SHAPE, 1, Draws.of_seed(seed)))

    assert torch.equal(draw(1), draw(2))
    torch.nn.init.constant_(generator.layers[-1].noise_strength, 2.0)
    assert not torch.equal(draw(1), draw(2))


def test_condition_reaches_the_image(generator):
    latent, noise = torch.randn(1, 8, generator=random()), draw_noise(SHAPE, 1, Draws.of_seed(0))
    present, absent = (generator(latent, codes([state, -1, -1, -1]), noise) for state in (1, 0))
    assert not torch.allclose(present, absent, atol=1e-3)


def test_discriminator_scores_each_image_and_uses_the_condition():
    torch.manual_seed(0)
    discriminator, images = Discriminator(SHAPE), torch.randn(4, 1, 16, 16)
    present, absent = (discriminator(images, codes(*[[state, -1, -1, -1]] * 4))[0] for state in (1, 0))
    assert present.shape == (4,)
    assert not torch.allclose(present, absent, atol=1e-3)


def test_discriminator_sees_whether_a_batch_is_all_alike():
    torch.manual_seed(0)
    discriminator, images = Discriminator(SHAPE), torch.randn(4, 1, 16, 16)
    code = codes(*[[1, 0, 0, 0]] * 4)
    alike, _ = discriminator(images[:1].expand(4, -1, -1, -1), code)
    assert not torch.isclose(alike[0], discriminator(images, code)[0][0], atol=1e-4)


def test_discriminator_names_the_findings_whatever_it_is_told():
    torch.manual_seed(0)
    discriminator, images = Discriminator(SHAPE), torch.randn(4, 1, 16, 16)
    told, otherwise = (discriminator(images, codes(*[[state, 0, -1, 1]] * 4))[1] for state in (1, 0))
    assert told.shape == (4, 4)
    assert torch.equal(told, otherwise)


def test_all_weights_of_both_networks_get_a_gradient(generator):
    torch.manual_seed(0)
    discriminator, code = Discriminator(SHAPE), codes(*[[1, 0, -1, -1]] * 4)
    image = generator(torch.randn(4, 8, generator=random()), code, draw_noise(SHAPE, 4, Draws.of_seed(0)))
    scores, logits = discriminator(image, code)
    (scores.sum() + logits.sum()).backward()
    for network in (generator, discriminator):
        assert [name for name, weight in network.named_parameters() if weight.grad is None] == []
