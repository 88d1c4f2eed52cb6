"""Train: build a network, and watch its training."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Train", css_file="../lesson.css", width="medium")


@app.cell
def _():
    import threading
    from html import escape

    import marimo as mo

    from deltarule.lab import training_form
    from deltarule.lab.board import DataChoice, make_board

    return DataChoice, escape, make_board, mo, threading, training_form


@app.cell
def _(mo):
    mo.md("""
    # Train

    Choose the data and a network, and press **start**. You can change η and λ during training, and see the effect at
    once. Every run is kept in the list at the end of the page.
    """)
    return


@app.cell
def _(mo, training_form):
    # the boxes and their × buttons change the list that they are made from
    layers, set_layers = mo.state(training_form.NETWORKS["30 hidden neurons"], allow_self_loops=True)
    return layers, set_layers


@app.cell
def _(DataChoice, make_board):
    data_choice = DataChoice()
    board = make_board(data_choice)
    return board, data_choice


@app.cell
def _(data_choice, mo, set_layers, training_form):
    start_from = mo.ui.dropdown(
        list(training_form.NETWORKS),
        value="30 hidden neurons",
        label="network",
        on_change=lambda name: set_layers(training_form.NETWORKS[name]),
    )
    cost = mo.ui.dropdown(list(training_form.COSTS), value="cross-entropy", label="cost")
    optimizer = mo.ui.dropdown(list(training_form.OPTIMIZERS), value="SGD", label="optimizer")
    batch_size = mo.ui.number(1, 100_000, value=10, label="mini-batch")
    epochs = mo.ui.number(1, 100_000, value=training_form.EPOCHS, label="epochs")
    seed = mo.ui.number(0, 1_000_000, value=1, label="seed")
    mo.vstack(
        [
            mo.as_html(data_choice),
            mo.hstack([start_from, cost, optimizer, batch_size, epochs, seed], wrap=True, justify="start", gap=1.5),
        ]
    )
    return batch_size, cost, epochs, optimizer, seed


@app.cell
def _(escape, layers, mo, set_layers):
    def _edit(i):
        return lambda text: set_layers([text if j == i else other for j, other in enumerate(layers())])

    def _remove(i):
        return lambda _: set_layers([other for j, other in enumerate(layers()) if j != i])

    def _hide(text):  # visible only to screen readers
        return f'<span class="sr-only">{escape(text)}</span>'

    rows = mo.ui.array(
        [mo.ui.text(value=text, label=_hide(f"layer {i + 1}"), on_change=_edit(i)) for i, text in enumerate(layers())]
    )
    removes = mo.ui.array(
        [
            mo.ui.button(label="×" + _hide(f" remove {text}"), tooltip=f"remove {text}", on_click=_remove(i))
            for i, text in enumerate(layers())
        ]
    )
    return removes, rows


@app.cell
def _(layers, mo, set_layers, training_form):
    def _add(text):
        return lambda _: set_layers(training_form.add_layer(layers(), text))

    adds = mo.ui.array([mo.ui.button(label=f"add {text}", on_click=_add(text)) for text in training_form.LAYER_CHOICES])
    return (adds,)


@app.cell
def _(adds, mo, removes, rows):
    mo.vstack(
        [
            mo.md("**Layers**, one per box, from the input to the output"),
            mo.Html(
                '<div class="lab-layers">'
                + "".join(f"<span>{row}{remove}</span>" for row, remove in zip(rows, removes, strict=True))
                + "</div>"
            ),
            mo.hstack(list(adds), wrap=True, justify="start", gap=0.3),
        ]
    )
    return


@app.cell
def _(batch_size, board, cost, epochs, layers, optimizer, seed):
    board.set_form(
        layers=list(layers()),
        cost=cost.value,
        optimizer=optimizer.value,
        batch_size=batch_size.value,
        seed=seed.value,
        epochs=epochs.value,
    )
    return


@app.cell
def _(board, mo, threading):
    _page = threading.current_thread()
    mo.Thread(target=lambda: board.watch(mo.current_thread(), _page), name="board", daemon=True).start()
    board
    return


if __name__ == "__main__":
    app.run()
