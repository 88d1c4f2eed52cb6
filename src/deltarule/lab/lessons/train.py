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
    from deltarule.lab.training_address import read_address

    return DataChoice, escape, make_board, mo, read_address, threading, training_form


@app.cell
def _(mo):
    mo.md("""
    # Train

    Choose the data and a network, and press **start**. You can change η and λ during training, and see the effect at
    once. Every run is kept in the list at the end of the page.
    """)
    return


@app.cell
def _(escape, mo, read_address, training_form):
    settings, _problems = read_address(mo.query_params().to_dict(), training_form.list_sources())
    _shown = "".join(f"<p>{escape(problem)}</p>" for problem in _problems)
    mo.Html(f'<div class="lab-problem" role="alert">{_shown}</div>' if _shown else "")
    return (settings,)


@app.cell
def _(mo, settings):
    # the boxes and their × buttons change the list that they are made from
    layers, set_layers = mo.state(list(settings.layers), allow_self_loops=True)
    return layers, set_layers


@app.cell
def _(DataChoice, make_board, settings):
    data_choice = DataChoice(settings)
    board = make_board(data_choice, settings)
    return board, data_choice


@app.cell
def _(data_choice, mo, set_layers, settings, training_form):
    _names = (name for name, layers in training_form.NETWORKS.items() if layers == list(settings.layers))
    start_from = mo.ui.dropdown(
        list(training_form.NETWORKS),
        value=next(_names, None),
        label="network",
        on_change=lambda name: set_layers(training_form.NETWORKS[name]) if name else None,
    )
    cost = mo.ui.dropdown(list(training_form.COSTS), value=settings.cost, label="cost")
    optimizer = mo.ui.dropdown(list(training_form.OPTIMIZERS), value=settings.optimizer, label="optimizer")
    batch_size = mo.ui.number(1, 100_000, value=settings.batch_size, label="mini-batch")
    epochs = mo.ui.number(1, 100_000, value=settings.epochs, label="epochs")
    seed = mo.ui.number(0, 1_000_000, value=settings.seed, label="seed")
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
