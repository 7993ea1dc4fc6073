import numpy as np

from helpers.explore.screen import Screen


def test_images_travel_as_bytes_and_are_no_trait(listen):
    screen = Screen()
    sent = listen(screen)
    screen.show([np.full((4, 6), 7, np.uint8)], told="grey")
    message, pixels = sent[0]
    assert (message["width"], message["height"], message["told"]) == (6, 4, "grey") and pixels == [bytes([7] * 24)]
    assert "images" not in screen.get_state()


def test_without_an_image_there_is_the_line_below():
    screen = Screen()
    screen.show([], told="nothing yet")
    assert screen.told == "nothing yet" and screen.images == []
