import pandas as pd

from helpers.figures.cues import cue_dots
from helpers.stats import cues
from helpers.stats.readings import analysed


def test_right_and_wrong_calls_stand_side_by_side_with_their_number_of_answers(readings):
    rows = analysed(readings, "realism_pair")
    shares = pd.concat([cues.cue_shares(rows, ["source"], call) for call in (cues.RIGHT, cues.WRONG)])
    figure = cue_dots(shares, "readers like these")
    right = int(((rows["correct"] == 1) & (rows["source"] == "gan")).sum())
    assert "Call was right" in figure.axes[0].get_title() and f"GAN {right}" in figure.axes[0].get_title()
    assert "Call was wrong" in figure.axes[1].get_title()
