"""The adder of NAND gates."""

from __future__ import annotations

from tests.lab.dragging import drag, drag_to, read_value
from tests.lab.moves import Move

ADDER = ["x₁", "x₂", "x₁", "NAND₁", "x₂", "NAND₁", "NAND₂", "NAND₃", "NAND₁", "NAND₁"]
"""The wires of an adder, two for each gate."""

MOVES = (
    Move("perceptrons", "with one wrong wire the adder is right for three of four additions", {},
         lambda a, b: a["wrong"] == [[0, 1]]),
    Move("perceptrons", "with the wire corrected the adder is right", {"wires": ADDER},
         lambda a, b: b["wrong"] == [] and b["sums"] == ["00", "01", "01", "10"]),
    Move("perceptrons", "the first input changes the gates", {"x1": False},
         lambda a, b: b["outputs"]["x₁"] == 0 and (a["outputs"]["NAND₁"], b["outputs"]["NAND₁"]) == (0, 1)),
    Move("perceptrons", "the second input changes the gates", {"x2": False},
         lambda a, b: b["outputs"]["x₂"] == 0 and (a["outputs"]["NAND₁"], b["outputs"]["NAND₁"]) == (0, 1)),
    Move("perceptrons", "with another weight a gate is no NAND", {"gate_weight": -1},
         lambda a, b: len(b["wrong"]) > len(a["wrong"]) == 0, {"wires": ADDER}),
    Move("perceptrons", "gates that always answer 1 do not add", {"gate_bias": 6},
         lambda a, b: b["sums"] == ["11"] * 4, {"wires": ADDER}),
    Move("perceptrons", "one input with the weight −4 gives the same carry", {"x1": False},
         lambda a, b: [values["outputs"]["NAND₅"] for values in (a, b)] == [1, 0]
         and all(values["outputs"]["NAND₅"] == (-4 * values["outputs"]["NAND₁"] + 3 > 0) for values in (a, b))),
    *(Move("perceptrons", f"weight {w} and bias {b} make a NAND as well", {"gate_weight": w, "gate_bias": b},
           lambda a, b: b["wrong"] == [], {"wires": ADDER, "gate_weight": 0})
      for w in range(-6, 7) for b in range(-6, 7) if b > 0 and w + b > 0 and 2 * w + b <= 0),
)  # fmt: skip

ANSWERS = ({"wires": ADDER}, {"wires": ADDER, "gate_weight": -3, "gate_bias": 4})

IN_PYTHON = "add"
"""The function of the lesson that computes the same as the figure."""


def check_python(add, values, state) -> None:
    """The circuit has the same outputs."""
    wires = list(zip(values["wires"][::2], values["wires"][1::2], strict=True))
    gates = values["gate_weight"], values["gate_bias"]
    assert add(int(values["x1"]), int(values["x2"]), wires, *gates) == state["outputs"]


def check_picture(page) -> None:
    """A wire is dragged to another source, changed by keys and by a click; an input by a click."""
    wire, node = page.locator(".wire").nth(4), page.locator(".node")
    plug = wire.locator("circle")
    drag_to(page, plug, node.nth(1))
    assert read_value(page, "wires") == ADDER
    assert "it adds" in page.locator(".status").inner_text()
    drag(page, plug, (-60, 90))
    drag_to(page, plug, node.nth(6))
    assert read_value(page, "wires") == ADDER, "a wire changed away from its sources"
    page.keyboard.press("ArrowRight")
    assert read_value(page, "wires")[4] == "NAND₁"
    assert wire.get_attribute("aria-valuetext") == "from NAND₁, which is 0"
    drag(page, plug, (0, 0))
    assert read_value(page, "wires")[4] == "NAND₂"
    node.first.click()
    assert not page.locator("input[name=x1]").is_checked()
    node.first.press("Space")
    assert page.locator("input[name=x1]").is_checked()
