"""Invalid calls: training, callbacks, checkpoints, ensembles and engines."""

from __future__ import annotations

U, S, D, F = "InvalidArgument", "ShapeError", "DataError", "FileError"

NO_CLASSES = ("dr.Sigmoid", "5", "[dr.Sigmoid()]", "{'Sigmoid': dr.Sigmoid}")

NO_PATHS = ("'a\\0b'", "Path('a\\0b')", "b'model'", "3", "None")

WRONG = {
    "epochs": ["0", "-1", "2.5", "'3'", "None", "True"],
    "batch_size": ["0", "-3", "1.5", "'10'", "None", "False"],
    "seed": ["-1", "1.5", "'1'", "None", "2**64"],
    "threads": ["0", "-1", "1.5", "'2'", "10**9"],
    "engine": ["'torch'", "''", "None", "3"],
    "dtype": ["'float16'", "'int32'", "np.float32", "None"],
    "eta": ["-0.1", "np.nan", "np.inf", "'fast'", "None", "dr.schedules.Exponential"],
    "optimizer": ["'sgd'", "None", "dr.Momentum", "object()"],
    "regularizer": ["5.0", "'l2'", "dr.L2"],
    "validation": ["(train, validation)", "train.x", "validation.take(slice(0))"],
    "validate_every": ["-1", "1.5", "'1'", "None"],
    "callbacks": ["dr.callbacks.EarlyStopping(3)", "[dr.callbacks.EarlyStopping]", "['progress']", "None"],
    "augmentation": [
        "dr.augmentation.Shift",
        "lambda images, rng: images",
        "[dr.augmentation.Shift(1)]",
        "'shifts'",
        "5",
    ],
    "order": [
        "dr.data.AsGiven",
        "lambda n, seed, epoch: np.arange(n)",
        "[dr.data.AsGiven()]",
        "'shuffled'",
        "True",
        "None",
    ],
    "process": ["1", "-1"],
    "coordinator": ["'a:1'"],
    "devices": ["0", "1.5"],
    "processes": ["0", "'2'"],
}
"""Arguments of fit, by their names."""

POSITIONS = {
    "model.safetensors": [
        "'position', 'epoch', value=-1",
        "'position', 'step', value='4'",
        "'position', 'every', value=-1",
        "'position', 'seconds', value='soon'",
        "'settings', 'engine', value='os'",
        "'settings', 'level', value=4",
        "'settings', 'optimizer', value={'type': 'Adam'}",
        "'settings', 'optimizer', value=None",
        "'settings', 'batch_size', value=0",
    ],
}
"""What a checkpoint may say wrongly of where it stands."""

AREAS = {
    "fit": [
        (D, "scale", ["fit(train=replace(train, scale=1e-300))", "fit(train=replace(train, scale=1e300))"]),
        (D, "example 0", ["fit(net(1, 2), dr.Dataset(np.full((4, 1), 1e300), [0, 1, 0, 1], 'large'))"]),
        (U, "train", ["fit(net(1, 1), replace(real, y=real.y + 5))"]),
        ("DivergedError", "cost", ["fit(huge(), real, validation=real, eta=0.0)"]),
        *((U, name, [f"fit({name}={value})" for value in values]) for name, values in WRONG.items()),
        (U, "train", ["fit(train=None)", "fit(train=(train, validation))", "fit(train=train.x)"]),
        (U, "one example", ["fit(train=train.take(slice(0)))"]),
        (U, "network", ["fit([784, 30, 10])", "fit(dr.Network)", "fit('784-30-10')"]),
        (U, "ensemble", ["fit(dr.Ensemble([model(), model()]))"]),
        (U, "validate_every", ["fit(validation=None, validate_every=3)"]),
        (S, "got 3", ["fit(net(16, 4))", "fit(net(16, 2))"]),
        (S, "16 numbers", ["fit(net(15, 3))"]),
        (D, "y", ["fit(validation=replace(validation, y=validation.y + 9, encoding=dr.encodings.OneHot(3)))"]),
        (U, "no images", ["fit(train=flat, augmentation=dr.augmentation.Shift(1))"]),
        (U, "devices", ["fit(devices=2, engine='numpy')", "fit(devices=512, batch_size=512, engine='jax')"]),
        (U, "threads", ["fit(devices=2, threads=1, engine='jax')"]),
        (
            U,
            "coordinator",
            ["fit(processes=2)", "fit(processes=2, coordinator='there')", "fit(processes=2, coordinator=5000)"],
        ),
        (U, "process", ["fit(processes=2, process=2, coordinator='a:1')", "fit(coordinator='a:1', process=1)"]),
        ("DivergedError", "epoch 1, step", ["fit(eta=1e300, optimizer=dr.Momentum(0), batch_size=1)"]),
    ],
    "orders": [
        (
            U,
            "OrderBy",
            [
                f"fit(order=OrderBy(lambda n: {order}))"
                for order in (
                    "np.arange(n - 1)",
                    "np.zeros((n, 1), int)",
                    "np.arange(n) / 1.0",
                    "np.ones(n, bool)",
                    "np.arange(n) + 1",
                    "np.arange(n) - 1",
                    "np.arange(n) + 2**32",
                )
            ],
        ),
    ],
    "callbacks": [
        (U, "EarlyStopping", [f"dr.callbacks.EarlyStopping({n})" for n in ("0", "1.5", "True", "'3'")]),
        (U, "GradientNorms", [f"dr.callbacks.GradientNorms({n})" for n in ("0", "1.5")]),
        (U, "Monitor", [f"dr.callbacks.Monitor(a={what})" for what in ("5", "(train.x, train.y)", "None")]),
        (U, "validation_accuracy", ["fit(callbacks=[dr.callbacks.Monitor(validation=train)])"]),
        (U, "epoch", ["fit(callbacks=[dr.callbacks.Monitor(epoch=lambda model: 3)])"]),
        (U, "seconds", ["fit(callbacks=[dr.callbacks.Monitor(seconds=lambda model: 3)])"]),
        (
            U,
            "training_accuracy",
            ["fit(callbacks=[dr.callbacks.Monitor(), dr.callbacks.Monitor(training=validation)])"],
        ),
        (U, "validation_cost", ["fit(callbacks=[Says({'validation_cost': 0.0})])"]),
        (U, "Says", ["fit(callbacks=[Says(None)])"]),
        (U, "EarlyStopping", ["fit(validation=None, callbacks=[dr.callbacks.EarlyStopping(1)])"]),
        (U, "keep_best", ["fit(validation=None, keep_best=True)"]),
        (U, "classes", ["fit(net(1, 1), real, validation=real, keep_best=True)"]),
        (U, "every", [f"dr.callbacks.Checkpoint(path('run'), every={n})" for n in ("-1", "1.5", "True", "'4'")]),
        (U, "path", [f"dr.callbacks.Checkpoint({p})" for p in NO_PATHS]),
    ],
    "checkpoints": [
        (
            F,
            "devices",
            ["dr.resume(alter('settings', 'devices', value='2', broken_off=True), train, validation=validation)"],
        ),
        (
            F,
            "model.safetensors",
            ["dr.resume(alter('position', 'epoch', value=5, broken_off=True), train, validation=validation)"],
        ),
        (U, "run", ["fit(callbacks=[dr.callbacks.Checkpoint(run())])"]),
        (F, "file", ["fit(callbacks=[dr.callbacks.Checkpoint(text('file'))])"]),
        (F, "nowhere", ["dr.resume(path('nowhere'), train)"]),
        (F, "model.safetensors", ["model().save(path('model.safetensors')) or dr.resume(path(''), train)"]),
        (
            U,
            "epochs",
            [f"dr.resume(run(), train, validation=validation, epochs={n})" for n in ("0", "1", "1.5", "'4'", "True")],
        ),
        (U, "train", ["dr.resume(run(broken_off=True), validation, validation=validation)"]),
        (
            U,
            "validation",
            ["dr.resume(run(broken_off=True), train)", "dr.resume(run(broken_off=True), train, validation=train)"],
        ),
        (U, "train", ["dr.resume(run(broken_off=True), (train, validation))"]),
        (U, "custom", [f"dr.resume(run(), train, custom={one})" for one in NO_CLASSES]),
        (F, "Reversed", ["dr.resume(run(broken_off=True, order=Reversed()), train, validation=validation)"]),
        (
            U,
            "devices",
            ["dr.resume(run(broken_off=True), train, validation=validation, execution=dr.Execution(devices=0))"],
        ),
        *(
            (
                F,
                name,
                [f"dr.resume(alter({place}, broken_off=True), train, validation=validation)" for place in places],
            )
            for name, places in POSITIONS.items()
        ),
        (
            "FileError|InvalidArgument",
            "eta",
            [
                "dr.resume(alter('settings', 'eta', value={'type': 'L2', 'lmbda': 1}, broken_off=True),"
                " train, validation=validation)"
            ],
        ),
    ],
    "fit_many and fit_ensemble": [
        (U, "eta", ["fit_many(seed=[1, 2], eta=[1, 2, 3])", "fit_many(seed=np.arange(2), eta=np.ones(3))"]),
        (U, "seed", ["fit_many(seed=[])", "fit_many(seed=np.ones(0))"]),
        (U, "EarlyStopping", ["fit_many(callbacks=[dr.callbacks.EarlyStopping(1)])"]),
        (U, "callbacks", ["fit_many(callbacks=3)"]),
        (U, "seeds", ["fit_many(seeds=[1, 2])"]),
        (U, "training", ["dr.fit(net(), train, dr.Training)", "dr.fit(net(), train, {'epochs': 3})"]),
        (U, "execution", ["fit(execution=3)", "fit(execution=dr.Execution)"]),
        (U, "did you mean eta", ["fit(lr=0.1)", "fit(learning_rate=0.1)"]),
        (U, "trainings", ["dr.fit_many(net(), train, [])", "dr.fit_many(net(), train, [3])"]),
        (U, "dtype", ["fit_many(trainings=[dr.Training(), dr.Training(dtype='float64')])"]),
        (U, "epoch", ["fit_ensemble(epoch=3)"]),
        (U, "colour", ["fit_ensemble(colour=3)"]),
        (U, "seeds", ["fit_ensemble(seeds=[1, 2])"]),
        (
            U,
            "callbacks",
            [f"fit_ensemble(callbacks={c})" for c in ("dr.callbacks.Progress()", "lambda i: None", "[3]")],
        ),
        (U, "members", [f"fit_ensemble(members={n})" for n in ("0", "2.5", "True", "'3'")]),
        (U, "voting", ["fit_ensemble(voting='loud')", "fit_ensemble(voting=None)"]),
        (U, "run", ["fit_ensemble(folder=ensemble())"]),
        (U, "train", ["dr.resume(ensemble(), validation, epochs=2)"]),
        (U, "epochs", ["dr.resume(ensemble(), train, epochs=0)"]),
        ("DivergedError", "member 0", ["fit_ensemble(eta=1e300, optimizer=dr.Momentum(0), batch_size=1)"]),
    ],
    "find_eta": [
        (U, "batch_size", ["find_eta(batch_size=0)"]),
        (U, "optimizer", ["find_eta(optimizer='sgd')"]),
        (U, "regularizer", ["find_eta(regularizer=5.0)"]),
        (U, "seed", ["find_eta(seed=-1)"]),
        (U, "dtype", ["find_eta(dtype='int8')"]),
        (U, "threads", ["find_eta(threads=0)"]),
        (U, "network", ["find_eta(3)"]),
        (U, "train", ["find_eta(train=3)"]),
        (U, "no images", ["find_eta(train=flat, augmentation=dr.augmentation.Shift(1))"]),
        (S, "16 numbers", ["find_eta(net(15, 3))"]),
        (U, "eta", ["find_eta(optimizer=Still())"]),
    ],
}
"""Area -> rows of (kind of error, word of its message, calls)."""
