"""Train: choose a network, and watch it learn."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Train", css_file="../lesson.css", width="medium")


@app.cell
def _():
    from html import escape

    import marimo as mo

    from deltarule.errors import DeltaruleError
    from deltarule.lab import html, progress, training_figures, training_form
    from deltarule.lab.learner import Learner, Pace

    return DeltaruleError, Learner, Pace, training_form, escape, mo, progress, html, training_figures


@app.cell
def _(mo):
    mo.md("""
    # Train

    Choose the data, build a network layer by layer, and press **start**. While it learns, η and λ can be changed;
    what they do shows at once. A second run can be laid over the first: stop or pause that one, set another η, and
    press **start another beside it**.
    """)
    return


@app.cell
def _(training_form, mo):
    # the boxes and their × change the very list that they are made from
    layers, set_layers = mo.state(training_form.NETWORKS["30 hidden neurons"], allow_self_loops=True)
    runs, set_runs = mo.state([])
    problem, set_problem = mo.state("")
    return layers, problem, runs, set_layers, set_problem, set_runs


@app.cell
def _(training_form, mo, set_layers):
    _sources = training_form.sources()
    source = mo.ui.dropdown(_sources, value=next(iter(_sources)), label="data")
    start_from = mo.ui.dropdown(
        list(training_form.NETWORKS),
        value="30 hidden neurons",
        label="start from",
        on_change=lambda name: set_layers(training_form.NETWORKS[name]),
    )
    cost = mo.ui.dropdown(list(training_form.COSTS), value="cross-entropy", label="cost")
    optimizer = mo.ui.dropdown(list(training_form.OPTIMIZERS), value="SGD", label="optimizer")
    batch_size = mo.ui.number(1, 1000, value=10, label="mini-batch")
    seed = mo.ui.number(0, 1_000_000, value=1, label="seed")
    mo.hstack([source, start_from, cost, optimizer, batch_size, seed], wrap=True, justify="start", gap=1.5)
    return batch_size, cost, optimizer, seed, source


@app.cell
def _(escape, layers, mo, set_layers):
    def _edited(i):
        return lambda text: set_layers([text if j == i else other for j, other in enumerate(layers())])

    def _removed(i):
        return lambda _: set_layers([other for j, other in enumerate(layers()) if j != i])

    def _read_out(text):
        return f'<span class="sr-only">{escape(text)}</span>'

    rows = mo.ui.array(
        [
            mo.ui.text(value=text, label=_read_out(f"layer {i + 1}"), on_change=_edited(i))
            for i, text in enumerate(layers())
        ]
    )
    removes = mo.ui.array(
        [
            mo.ui.button(label="×" + _read_out(f" remove {text}"), tooltip=f"remove {text}", on_click=_removed(i))
            for i, text in enumerate(layers())
        ]
    )
    return removes, rows


@app.cell
def _(training_form, layers, mo, set_layers):
    def _added(text):
        return lambda _: set_layers(training_form.with_layer(layers(), text))

    adds = mo.ui.array([mo.ui.button(label=f"add {text}", on_click=_added(text)) for text in training_form.OFFERED])
    return (adds,)


@app.cell
def _(adds, mo, removes, rows):
    mo.vstack(
        [
            mo.md("**Layers**, one a box, from the input to the output"),
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
def _(training_form, mo):
    eta = mo.ui.slider(steps=training_form.ETAS, value=0.5, label="learning rate η", show_value=True)
    lmbda = mo.ui.slider(steps=training_form.LAMBDAS, value=0.0, label="weight decay λ", show_value=True)
    return eta, lmbda


@app.cell
def _(
    DeltaruleError, Learner, Pace, batch_size, cost, eta, layers, lmbda, mo, optimizer, progress, runs, seed,
    set_problem, set_runs, source, training_form,
):  # fmt: skip
    def _begin(keep):
        try:
            _job = training_form.job(source.value, layers(), cost.value, optimizer.value, batch_size.value, seed.value)
            _learner = Learner(_job, Pace(eta.value, lmbda.value))
        except DeltaruleError as error:
            return set_problem(str(error))
        set_problem("")
        for _old in runs() if not keep else runs()[:-1]:
            _old.stop()
        if keep and runs():
            runs()[-1].stop()
        _learner.start()
        return set_runs([*(runs()[-1:] if keep else []), _learner])

    def _ask(what):
        def _asked(_):
            set_problem(_why := progress.unable(runs()))
            if not _why:
                getattr(runs()[-1], what)()

        return _asked

    buttons = mo.ui.dictionary(
        {
            "start": mo.ui.button(label="start", kind="success", on_click=lambda _: _begin(keep=False)),
            "pause": mo.ui.button(label="pause", on_click=_ask("pause")),
            "go on": mo.ui.button(label="go on", on_click=_ask("start")),
            "step": mo.ui.button(label="one mini-batch", on_click=_ask("step")),
            "stop": mo.ui.button(label="stop", kind="danger", on_click=_ask("stop")),
            "compare": mo.ui.button(label="start another beside it", on_click=lambda _: _begin(keep=True)),
        }
    )
    return (buttons,)


@app.cell
def _(buttons, escape, eta, lmbda, mo, problem):
    mo.vstack(
        [
            mo.hstack([eta, lmbda], wrap=True, justify="start", gap=2),
            mo.hstack(list(buttons.values()), wrap=True, justify="start"),
            mo.Html(  # a slider of these steps tells a screen reader their number, and not η
                f'<p class="sr-only" role="status">learning rate η {eta.value:g}, weight decay λ {lmbda.value:g}</p>'
                + (f'<p class="lab-problem" role="alert">{escape(problem())}</p>' if problem() else "")
            ),
        ]
    )
    return


@app.cell
def _(eta, lmbda, runs):
    if runs():
        runs()[-1].change(eta=eta.value, lmbda=lmbda.value)
    return


@app.cell
def _(mo):
    tick = mo.ui.refresh(default_interval=1)
    return (tick,)


@app.cell
def _(mo):
    drawn, set_drawn = mo.state(())
    return drawn, set_drawn


@app.cell
def _(drawn, mo, progress, runs, set_drawn, html, tick, training_figures):
    tick
    _seen, _names = [run.seen for run in runs()], progress.names(runs())
    if (_now := progress.reached(runs(), _seen)) != drawn():
        set_drawn(_now)  # what is below is drawn anew after an epoch, not with every tick
    mo.vstack(
        [
            *(
                mo.Html(progress.status(seen, run.pace, name))
                for seen, run, name in zip(_seen, runs(), _names, strict=True)
            ),
            mo.Html(html.live(training_figures.show_first_weights(_seen[-1].model, _names[-1]))),
        ]
        if runs()
        else [mo.md("*Nothing learns yet: press start.*")]
    )
    return


@app.cell
def _(drawn, mo, progress, runs, html, training_figures):
    _seen = {name: run.seen for name, run in zip(progress.names(runs()), runs(), strict=True)}
    if not drawn():
        _view = mo.md("")
    elif not any(seen.records for seen in _seen.values()):
        _view = mo.md("*Accuracy, cost and each layer's pace are drawn after the first epoch.*")
    else:
        _view = mo.vstack(
            [
                mo.Html(html.live(training_figures.plot_curves(_seen))),
                mo.md("**How fast each layer learns**: the norm of its biases' gradient"),
                mo.Html(training_figures.plot_gradient_norms(_seen)),
            ]
        )
    _view
    return


@app.cell
def _(mo, tick):
    mo.hstack([mo.md("looked at every"), tick], justify="start")
    return


@app.cell
def _(drawn, mo, progress, runs):
    _which = [name for name in progress.names(runs()) if name][-1:]
    mo.hstack(
        [
            mo.download(
                lambda: progress.saved(runs()[-1].seen.model),
                filename="model.safetensors",
                label=" of ".join(["save the model", *_which]),
            ),
            mo.md("and read with it what you draw: `deltarule lab --model model.safetensors`"),
        ],
        justify="start",
        wrap=True,
    ) if drawn() and runs()[-1].seen.model else mo.md("")
    return


if __name__ == "__main__":
    app.run()
