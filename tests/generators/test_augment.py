import pytest
import torch

from helpers.errors import ParameterError
from helpers.generators import augment
from helpers.generators.augment import Augmentation
from helpers.generators.gan_trainer import GanSettings
from helpers.generators.processes import Draws


def random(seed=0):
    return Draws.of_seed(seed)


@pytest.fixture
def images():
    return random(9).uniform(64, 1, 16, 16) * 2 - 1


def test_none_and_unstarted_ada_leave_images_alone(images):
    assert torch.equal(Augmentation("none")(images, random()), images)
    assert torch.allclose(Augmentation("ada")(images, random()), images, atol=1e-4)


def test_diffaugment_changes_images_and_depends_on_the_generator_alone(images):
    augmentation = Augmentation("diffaugment")
    first = augmentation(images, random(1))
    assert (first - images).abs().mean() > 0.05
    assert torch.equal(first, augmentation(images, random(1)))
    assert not torch.equal(first, augmentation(images, random(2)))


def test_probability_is_the_share_of_images_that_each_group_touches():
    augmentation = Augmentation("ada")
    augmentation.p = 0.3
    images = torch.zeros(4000, 1, 8, 8)
    brightened = augmentation(images, random()).abs().amax(dim=(1, 2, 3)) > 1e-4
    assert brightened.float().mean() == pytest.approx(0.3, abs=0.03)


def test_gradient_flows_back_to_the_images(images):
    images.requires_grad_(True)
    Augmentation("diffaugment")(images, random()).square().sum().backward()
    assert (images.grad.abs().amax(dim=(1, 2, 3)) > 0).all()


def test_ada_grows_when_real_images_are_known_by_heart_and_shrinks_when_not():
    augmentation = Augmentation("ada")
    augmentation.adapt(1.0, images=1000)
    assert augmentation.p == pytest.approx(1000 / augment.SPEED)
    for _ in range(5):
        augmentation.adapt(0.0, images=1000)
    assert augmentation.p == 0
    for _ in range(5):
        augmentation.adapt(1.0, images=augment.SPEED)
    assert augmentation.p == 1


@pytest.mark.parametrize(("kind", "p"), [("none", 0), ("diffaugment", 1)])
def test_only_ada_adapts(kind, p):
    augmentation = Augmentation(kind)
    augmentation.adapt(1.0, images=1000)
    assert augmentation.p == p


def test_unknown_kind_is_refused():
    with pytest.raises(ParameterError, match="augmentation = 'mirror'"):
        GanSettings(augmentation="mirror")
