from helpers.explore.facts import Facts


def test_a_phantom_has_its_labels_truth_and_masks(material):
    facts = Facts(material)
    lines = dict(facts.of("phantom-000000"))
    assert lines["Source"] == "Real" and lines["Atelectasis"] == "present"
    assert lines["Atelectasis, severity"] == "0.80, left" and lines["Devices"] == "pacemaker"
    assert lines["Patient"] == "PA, 50, F" and "Atelectasis 25%" in lines["Classifier sees"]
    assert facts.nearest("phantom-000000") is None


def test_a_synthetic_image_has_its_request_and_its_nearest_training_image(material):
    facts = Facts(material)
    lines = dict(facts.of("gan-lung_opacity_absent-00002"))
    assert lines["Asked for"] == "Lung opacity absent" and lines["Seed"] == "2"
    assert lines["Nearest in training, pixels"] == "phantom-000003, 1.50"
    assert facts.nearest("gan-lung_opacity_absent-00002") == "phantom-000003"
    assert facts.masks("gan-lung_opacity_absent-00002") == {}


def test_masks_are_of_findings_that_are_there(material):
    masks = Facts(material).masks("phantom-000000")
    assert set(masks) <= {"atelectasis"} and all(mask.shape == (128, 128) for mask in masks.values())
