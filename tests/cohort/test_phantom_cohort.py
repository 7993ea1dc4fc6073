import pickle

import numpy as np

from helpers.cohort.phantom import OF_PATIENT, drawn_again, render
from helpers.cohort.phantom.report import report
from helpers.cohort.phantom_cohort import PhantomReader, list_images
from helpers.cohort.settings import Settings


def test_each_phantom_is_a_patient_of_its_own_and_says_that_it_is_computed():
    listing = list_images(Settings(kind="phantom", images=5, seed=3, size=32))
    assert listing.table["image_id"].tolist() == [f"phantom-{number:06d}" for number in range(5)]
    assert listing.table["patient_id"].is_unique
    assert "phantoms, not X-rays" in listing.notes[0]


def test_the_reader_renders_the_phantom_of_that_number_also_in_another_process():
    reader = pickle.loads(pickle.dumps(PhantomReader(seed=3, size=32)))
    image, facts = reader("4")
    phantom = render(3, 4, size=32)
    assert np.array_equal(image, phantom.image)
    assert facts == phantom.facts | {"text": report(phantom.facts, [3, 4])}


def test_a_cohort_can_have_the_fully_equalised_look():
    reader = list_images(Settings(kind="phantom", images=5, seed=3, size=32, equalization=1.0)).read
    assert np.array_equal(reader("4")[0], render(3, 4, size=32, equalization=1.0).image)
    assert not np.array_equal(reader("4")[0], render(3, 4, size=32).image)


def test_patients_can_be_seen_several_times_with_nothing_but_their_disease_changed():
    listing = list_images(Settings(kind="phantom", images=5, seed=3, size=32, visits=2))
    assert listing.table["image_id"].tolist()[:3] == ["phantom-000000", "phantom-000000-1", "phantom-000001"]
    assert listing.table["patient_id"].value_counts().tolist() == [2, 2, 1]
    (first, before), (second, after) = (listing.read(source) for source in listing.table["source"][:2])
    assert not np.array_equal(first, second)
    assert all(before[name] == after[name] for name in OF_PATIENT)
    for name, image in zip(listing.table["image_id"], (first, second), strict=False):
        assert np.array_equal(drawn_again(3, name, 32).image, image)
