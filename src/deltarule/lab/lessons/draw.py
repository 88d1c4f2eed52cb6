"""Draw: a network reads what one draws, and shows what it sees, layer by layer."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Draw a digit", css_file="../lesson.css", width="medium")


@app.cell
def _():
    import marimo as mo

    from deltarule.lab import drawing, html
    from deltarule.lab.pad import SIDE, Pad, picture

    model = drawing.model()
    names = drawing.names(model)
    return Pad, SIDE, drawing, mo, model, names, picture, html


@app.cell
def _(mo):
    mo.md("""
    # Draw a digit

    The network reads while you draw. What it sees is not your drawing but the small image beside it: cut out, scaled
    and centred as every image was that it learned from. MNIST's fill a box of 20 by 20 pixels, and are centred by mass.
    The long strip at the end of the page takes a whole number.
    """)
    return


@app.cell
def _(Pad, mo):
    pad = mo.ui.anywidget(Pad())
    return (pad,)


@app.cell
def _(drawing, model, pad, picture):
    image = drawing.seen(model, picture(pad.value))
    probabilities = drawing.predict_proba(model, image)
    return image, probabilities


@app.cell
def _(image, mo, model, names, pad, probabilities, html):
    mo.Html(
        f'<div class="lab-desk lab-live"><div>{pad}</div><div>{html.seen(image, model.scale)}</div>'
        f"<div>{html.bars(probabilities, names)}</div></div>"
    )
    return


@app.cell
def _(mo, names):
    _classes = {name: k for k, name in enumerate(names)}
    wish = mo.ui.dropdown(_classes, value=names[min(3, len(names) - 1)], label="What would make it a")
    mo.vstack([mo.md("## Inside"), wish])
    return (wish,)


@app.cell
def _(drawing, image, mo, model, names, html, wish):
    mo.stop(not image.any(), mo.md("*Draw something: here is what it would take, and what each layer makes of it.*"))
    _towards, _found = drawing.towards(model, image, wish.value), drawing.until(model, image, wish.value)
    mo.Html(html.live(html.wish(image, _towards, *_found, names[wish.value], model.scale)))
    return


@app.cell
def _(drawing, image, mo, model, html):
    mo.stop(not image.any())
    mo.Html(html.live(html.activations(drawing.activations(model, image))))
    return


@app.cell
def _(Pad, SIDE, mo):
    strip = mo.ui.anywidget(Pad(width=5 * SIDE))
    mo.vstack(
        [
            mo.md("""
            ## A whole number

            Write several digits in a row; they may touch. Nobody tells the network how many there are: the row is
            cut on trial in many ways, every piece is shown to a network that also knows what is *no* digit, and the
            segmentation whose pieces it is surest of wins.
            """),
            strip,
        ]
    )
    return (strip,)


@app.cell
def _(SIDE, drawing, mo, picture, html, strip):
    _row = picture(strip.value, 5 * SIDE)
    mo.Html(html.live(html.row(_row, drawing.number(_row))))
    return


if __name__ == "__main__":
    app.run()
