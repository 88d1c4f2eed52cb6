"""Draw: a network reads a drawing while you draw, and shows its input and the output of each layer."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Draw a digit", css_file="../lesson.css", width="medium")


@app.cell
def _():
    from html import escape

    import marimo as mo

    from deltarule.lab import drawing, html
    from deltarule.lab.pad import SIDE, Pad, read_pixels

    return Pad, SIDE, drawing, escape, mo, read_pixels, html


@app.cell
def _(mo):
    mo.md("""
    # Draw a digit

    The network reads while you draw. Its input is not the drawing itself but the small image beside it: your drawing,
    cropped, scaled and centred like the images that it was trained on. Digits of MNIST fill a box of 20 by 20 pixels,
    and their centre of mass is in the middle of the image. On the long strip at the end of the page you can write a
    whole number.
    """)
    return


@app.cell
def _(drawing, escape, mo):
    _run = mo.query_params().get("run")
    loaded, _problem = drawing.load_chosen_model(_run)
    _problem = f'<p class="lab-problem" role="alert">{escape(_problem)}</p>' if _problem else ""
    mo.Html(_problem or (f"<p>The network of your run <strong>{escape(_run)}</strong> reads.</p>" if _run else ""))
    return (loaded,)


@app.cell
def _(drawing, escape, loaded, mo):
    mo.stop(bool(_reason := drawing.explain_unsuitable(loaded)), mo.Html(f"<p><em>{escape(_reason)}</em></p>"))
    model = loaded
    names = drawing.get_class_names(model)
    return model, names


@app.cell
def _(Pad, mo):
    pad = mo.ui.anywidget(Pad())
    return (pad,)


@app.cell
def _(drawing, model, pad, read_pixels):
    image = drawing.prepare_image(model, read_pixels(pad.value))
    probabilities = drawing.predict_proba(model, image)
    return image, probabilities


@app.cell
def _(drawing, image, mo, model, names, pad, probabilities, html):
    _ink = drawing.measure_ink(model, image)
    mo.Html(
        f'<div class="lab-desk lab-live"><div>{pad}</div><div>{html.render_input(_ink, model.scale)}</div>'
        f"<div>{html.render_probabilities(probabilities, names)}</div></div>"
    )
    return


@app.cell
def _(drawing, mo, model):
    mo.md(drawing.explain_probabilities(model))
    return


@app.cell
def _(mo, names):
    _classes = {name: k for k, name in enumerate(names)}
    target = mo.ui.dropdown(_classes, value=names[min(3, len(names) - 1)], label="Change it into a")
    mo.vstack([mo.md("## Inside"), target])
    return (target,)


@app.cell
def _(drawing, image, mo, model, names, html, target):
    mo.stop(
        drawing.is_empty(model, image),
        mo.md("*Draw something to see how it must change, and the output of each layer.*"),
    )
    _direction = drawing.compute_descent_direction(model, image, target.value)
    _changed, _steps = drawing.move_to_class(model, image, target.value)
    _before, _after = drawing.measure_ink(model, image), drawing.measure_ink(model, _changed)
    mo.Html(html.mark_live(html.render_change(_before, _direction, _after, _steps, names[target.value], model.scale)))
    return


@app.cell
def _(drawing, image, mo, model, html):
    mo.stop(drawing.is_empty(model, image))
    mo.Html(html.mark_live(html.render_activations(drawing.compute_activations(model, image))))
    return


@app.cell
def _(Pad, SIDE, mo):
    strip = mo.ui.anywidget(Pad(width=5 * SIDE, whole_strokes=True))
    mo.vstack(
        [
            mo.md("""
            ## A whole number

            Write several digits in a row; they may touch. The lab reads them whenever you lift the pen. It does not
            know how many digits there are, so it cuts the row in many ways. A network reads each piece, and has learned
            that some pieces are *no* digit. The cuts with the most certain pieces win. A point, a minus or a letter is
            marked as *no digit*.
            """),
            strip,
        ]
    )
    return (strip,)


@app.cell
def _(SIDE, drawing, mo, read_pixels, html, strip):
    _row = read_pixels(strip.value, 5 * SIDE)
    mo.Html(html.mark_live(html.render_reading(_row, drawing.read_number(_row))))
    return


if __name__ == "__main__":
    app.run()
