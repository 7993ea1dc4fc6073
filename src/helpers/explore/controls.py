"""Controls of the views, and the small panels that hold them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from html import escape

import ipywidgets

LABEL = "235px"  # wide enough for every label, so that controls below each other line up
WORDS = {"description_width": LABEL}
WIDE = {"width": "490px"}


class Several(ipywidgets.Box):
    """Checkboxes, one for each value; ``chosen`` are the checked values, in their order."""

    def __init__(self, titles: Mapping[str, str], label: str, on_change: Callable[[], None]):
        self.boxes = {
            value: ipywidgets.Checkbox(value=True, description=title, indent=False, layout={"width": "auto"})
            for value, title in titles.items()
        }
        ticks = ipywidgets.Box(
            [*self.boxes.values()], layout={"flex": "1", "flex_flow": "row wrap", "grid_gap": "0 14px"}
        )
        super().__init__([labelled(label, ticks)])
        for box in self.boxes.values():
            box.observe(lambda _change: on_change(), "value")

    @property
    def chosen(self) -> tuple[str, ...]:
        """Values that are checked."""
        return tuple(value for value, box in self.boxes.items() if box.value)

    def choose(self, values: Collection[str]) -> None:
        """Check these values and no others."""
        for value, box in self.boxes.items():
            box.value = value in values


def slider(label: str, value: float, low: float, high: float, step: float, **options) -> ipywidgets.Widget:
    """A slider for integers if its step is an integer, for fractions otherwise; it acts while it is dragged."""
    whole = isinstance(step, int)
    kind = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
    form = {} if whole else {"readout_format": options.pop("form", ".2f")}
    named = {"description": label, "style": WORDS, "layout": WIDE, "continuous_update": True}
    return kind(value=value, min=low, max=high, step=step, **named, **form, **options)


def field(label: str) -> ipywidgets.Text:
    """A text field; its value counts once Enter is pressed or the field is left."""
    return ipywidgets.Text(description=label, style=WORDS, layout=WIDE, continuous_update=False)


def one_of(options: Sequence, value) -> ipywidgets.ToggleButtons:
    """Buttons of which one is pressed; ``options``: values, or (title, value)."""
    return ipywidgets.ToggleButtons(options=options, value=value, style={"button_width": "auto"})


def labelled(label: str, *controls: ipywidgets.Widget) -> ipywidgets.HBox:
    """Controls in a row after their label, which lines up with the labels of sliders."""
    words = ipywidgets.Label(label, layout={"width": LABEL, "display": "flex", "justify_content": "flex-end"})
    return ipywidgets.HBox([words, *controls], layout={"align_items": "center"})


def sentence(text: str, stands_out: bool = False) -> ipywidgets.HTML:
    """A sentence between controls and pictures."""
    line = ipywidgets.HTML()
    say(line, text, stands_out)
    return line


def say(line: ipywidgets.HTML, text: str, stands_out: bool = False) -> None:
    """Change the text of a ``sentence``."""
    look = "color:#fff;background:#8c510a;padding:2px 8px;border-radius:4px" if stands_out else ""
    line.value = f'<span style="{look}">{escape(text)}</span>' if text else ""


def gallery(pictures: Sequence[ipywidgets.Widget]) -> ipywidgets.Box:
    """Pictures side by side as far as space allows, then in further rows."""
    return ipywidgets.Box(list(pictures), layout={"flex_flow": "row wrap", "grid_gap": "8px"})
