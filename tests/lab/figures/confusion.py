"""The errors of the network of the page Inside."""

from __future__ import annotations

from tests.lab.dragging import find_middle
from tests.lab.moves import Move
from tests.lab.test_lessons import open_lesson

MOVES = (
    Move("inside", "another cell of the matrix has other images", {"selected": [0, 0]},
         lambda a, b: a["count"] > 0 and a["row"] != a["column"] and (b["row"], b["column"]) == (0, 0)
         and b["count"] > a["count"] and not set(a["images"]) & set(b["images"])),
    Move("inside", "a cell shows at most 40 of its images", {"selected": [1, 1]},
         lambda a, b: len(b["images"]) == min(40, b["count"]) > len(a["images"])),
)  # fmt: skip

ANSWERS = ()

IN_PYTHON = "evaluation"


def check_python(evaluation, values, state) -> None:
    """The accuracy and the count of the cell are those of the evaluation."""
    assert abs(state["accuracy"] - 100 * (evaluation.predictions == evaluation.labels).mean()) < 1e-9
    assert state["count"] == len(evaluation.find(state["row"], state["column"]))


def check_picture(page) -> None:
    """A cell is selected by the mouse and by keys: its images appear at once."""
    names = open_lesson("inside")["names"]
    cell = page.get_by_role("button", name=f"{names[2]} read as {names[2]}")
    page.mouse.click(*find_middle(cell))
    assert cell.get_attribute("aria-pressed") == "true"
    gallery = page.get_by_role("group", name="the images of the selected cell").locator("canvas")
    assert gallery.count() == min(40, int(cell.inner_text()))
    painted = (
        "(canvas) => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((v) => v > 200)"
    )
    assert all(canvas.evaluate(painted) for canvas in gallery.all())
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert cell.get_attribute("aria-pressed") == "false"
    assert page.locator(".confusion [aria-pressed=true]").count() == 1
