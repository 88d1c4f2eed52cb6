"""Train: build a network, and watch its training."""

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
    from deltarule.lab.learner import Learner, Rates

    return DeltaruleError, Learner, Rates, training_form, escape, mo, progress, html, training_figures


@app.cell
def _(mo):
    mo.md("""
    # Train

    Choose the data, build a network layer by layer, and press **start**. You can change η and λ during training, and
    see the effect at once. To compare two runs, stop or pause the first, change η, and press **start a second run**.
    """)
    return


@app.cell
def _(training_form, mo):
    # the boxes and their × buttons change the list that they are made from
    layers, set_layers = mo.state(training_form.NETWORKS["30 hidden neurons"], allow_self_loops=True)
    runs, set_runs = mo.state([])
    problem, set_problem = mo.state("")
    return layers, problem, runs, set_layers, set_problem, set_runs


@app.cell
def _(training_form, mo, set_layers):
    _sources = training_form.list_sources()
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
def _(training_form, layers, mo, set_layers):
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
def _(training_form, mo):
    eta = mo.ui.slider(steps=training_form.ETAS, value=0.5, label="learning rate η", show_value=True)
    lmbda = mo.ui.slider(steps=training_form.LAMBDAS, value=0.0, label="weight decay λ", show_value=True)
    return eta, lmbda


@app.cell
def _(
    DeltaruleError, Learner, Rates, batch_size, cost, eta, layers, lmbda, mo, optimizer, progress, runs, seed,
    set_problem, set_runs, source, training_form,
):  # fmt: skip
    def _begin(keep):
        try:
            _job = training_form.build_job(
                source.value, layers(), cost.value, optimizer.value, batch_size.value, seed.value
            )
            _learner = Learner(_job, Rates(eta.value, lmbda.value))
        except DeltaruleError as error:
            return set_problem(str(error))
        set_problem("")
        for _old in runs() if not keep else runs()[:-1]:
            _old.stop()
        if keep and runs():
            runs()[-1].stop()
        _learner.start()
        return set_runs([*(runs()[-1:] if keep else []), _learner])

    def _call(method):
        def _on_click(_):
            set_problem(_problem := progress.explain_unavailable(runs()))
            if not _problem:
                getattr(runs()[-1], method)()

        return _on_click

    buttons = mo.ui.dictionary(
        {
            "start": mo.ui.button(label="start", kind="success", on_click=lambda _: _begin(keep=False)),
            "pause": mo.ui.button(label="pause", on_click=_call("pause")),
            "continue": mo.ui.button(label="continue", on_click=_call("start")),
            "step": mo.ui.button(label="one mini-batch", on_click=_call("step")),
            "stop": mo.ui.button(label="stop", kind="danger", on_click=_call("stop")),
            "compare": mo.ui.button(label="start a second run", on_click=lambda _: _begin(keep=True)),
        }
    )
    return (buttons,)


@app.cell
def _(buttons, escape, eta, lmbda, mo, problem):
    mo.vstack(
        [
            mo.hstack([eta, lmbda], wrap=True, justify="start", gap=2),
            mo.hstack(list(buttons.values()), wrap=True, justify="start"),
            mo.Html(  # screen readers read a position of these sliders, not η
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
    chart_key, set_chart_key = mo.state(())
    return chart_key, set_chart_key


@app.cell
def _(chart_key, mo, progress, runs, set_chart_key, html, tick, training_figures):
    tick
    _snapshots, _names = [run.snapshot for run in runs()], progress.name_runs(runs())
    if (_key := progress.compute_chart_key(runs(), _snapshots)) != chart_key():
        set_chart_key(_key)  # the charts below are redrawn after an epoch, not with every tick
    mo.vstack(
        [
            *(
                mo.Html(progress.format_status(snapshot, run.rates, name))
                for snapshot, run, name in zip(_snapshots, runs(), _names, strict=True)
            ),
            mo.Html(html.mark_live(training_figures.render_first_weights(_snapshots[-1].model, _names[-1]))),
        ]
        if runs()
        else [mo.md("*There is no run yet: press start.*")]
    )
    return


@app.cell
def _(chart_key, mo, progress, runs, html, training_figures):
    _snapshots = {name: run.snapshot for name, run in zip(progress.name_runs(runs()), runs(), strict=True)}
    if not chart_key():
        _view = mo.md("")
    elif not any(snapshot.records for snapshot in _snapshots.values()):
        _view = mo.md("*The charts of accuracy, cost and gradient norms appear after the first epoch.*")
    else:
        _view = mo.vstack(
            [
                mo.Html(html.mark_live(training_figures.plot_curves(_snapshots))),
                mo.md("**How fast each layer learns**: the norm of the gradient of its biases"),
                mo.Html(training_figures.plot_gradient_norms(_snapshots)),
            ]
        )
    _view
    return


@app.cell
def _(mo, tick):
    mo.hstack([mo.md("update every"), tick], justify="start")
    return


@app.cell
def _(chart_key, mo, progress, runs):
    _name = [name for name in progress.name_runs(runs()) if name][-1:]
    mo.hstack(
        [
            mo.download(
                lambda: progress.save_to_bytes(runs()[-1].snapshot.model),
                filename="model.safetensors",
                label=" of ".join(["save the model", *_name]),
            ),
            mo.md(progress.suggest_use(runs()[-1].snapshot.model)),
        ],
        justify="start",
        wrap=True,
    ) if chart_key() and runs()[-1].snapshot.model else mo.md("")
    return


if __name__ == "__main__":
    app.run()
