"""Invalid calls: models and their files, histories, recipes and network files."""

from __future__ import annotations

from .refused_training import NO_CLASSES, NO_PATHS

U, S, D, F = "InvalidArgument", "ShapeError", "DataError", "FileError"

ASKED = ("accuracy", "cost", "evaluate", "confusion")

FEW = "model().save(path('m')) or "

DOCTORED = [
    "'network', value={'type': 'os.system'}",
    "'network', value={'type': 'Path'}",
    "'network', value={'type': 3}",
    "'network', value={'type': 'Dense', 'n_out': 3}",
    "'network', 'layers', value=3",
    "'network', 'layers', 0, value={'type': 'Dense'}",
    "'network', 'layers', 0, value={'type': 'Dense', 'n_out': 0}",
    "'network', 'layers', 0, value={'type': 'Dense', 'n_out': '3'}",
    "'network', 'layers', 0, value={'type': 'Dense', 'n_out': 3, 'import': 'os'}",
    "'network', 'cost', value={'type': 'LabelSmoothing', 'cost': 3}",
    "'network', 'input_shape', value=[2]",
    "'data', 'inputs', 'scale', value=float('nan')",
    "'data', 'inputs', value={'type': 'Dense', 'n_out': 3}",
    "'data', 'inputs', value={'type': 'Standardization', 'columns': 3}",
    "'data', 'inputs', value={'type': 'Standardization', 'columns': [{'type': 'NumberColumn', 'name': 'a', "
    "'deviation': 0}]}",
    "'data', 'schema', value={'type': 'Schema', 'columns': 3}",
    "'data', 'classes', value='0123456789'",
    "'data', 'style', value='thick'",
    "'data', 'encoding', value={'type': 'OneHot', 'n_out': 7}",
    "'history', 'records', value=[1, 2]",
    "'best_epoch', value='2'",
    "'best_epoch', value=0",
    "'settings', value=5",
]

TENSORS = [
    "{**t, 'params/0/w': t['params/0/w'][:, 1:]}",
    "{**t, 'params/99/w': t['params/0/w']}",
    "{**t, 'params/x/w': t['params/0/w']}",
    "{**t, 'params/0/u': t['params/0/w']}",
    "{name: leaf for name, leaf in t.items() if name != 'params/0/w'}",
    "{}",
    "{name: leaf.astype(bool) for name, leaf in t.items()}",
]

NOTATION = {
    "Dence": "Dence(30)",
    "Conv": "Conv(20, 5",
    "rim": "Conv(20, 5, rim=1)",
    "strid": "Conv(20, 5, strid=1)",
    "maps": "Conv(20, 5, maps=1)",
    "kernel": "Conv(20)",
    "ReLU": "ReLU(1)",
    "maps of Conv": "Conv('a', 5)",
    "kernel of Conv": "Conv(20, 'a')",
    "2.5": "Conv(20, [5, 2.5])",
    "n_out of Dense": "Dense(True)",
    "initializer of Dense": "Dense(100, ReLU)",
    "below 1": "Dropout(1.5)",
    "[Dense(30), Conv(20, kernel=5)]": "Dense(30), Conv(20, kernel=5)",
    "Adam": "Adam",
    "x.y()": "x.y()",
    "Conv(*[1, 2])": "Conv(*[1, 2])",
    "1 + 1": "Dense(1 + 1)",
    "len": "Dense(len('x'))",
    "__import__": "__import__('os').system('id')",
}

SETTINGS = {
    "my.toml, line 4": [
        'eta = 1\nlayers = [\n  "Dense(3)",\n  "Sigmod",\n]',
        '[[layers]]\ntype = "ReLU"\n\nslope = 1',
        'layers = ["Output"]\n[regularizer]\ntype = "L2"\nlambda = 1',
        'epochs = 1\nlayers = ["Output"]\n\nepochs = 2',
        'layers = [\n  "Dense(30)",\n  "Output",\n  "Sigmoid",\n]\nepochs = 3',
    ],
    "my.toml, line 2": [
        'layers = [\n  "Dense(x)",\n]',
        'layers = ["Output"]\nepochs = 0',
        'layers = ["Output"]\nepochs = "3"',
        'layers = ["Output"]\noptimizer = "L2(1)"',
        'layers = ["Output"]\neta = "fast"',
        'layers = ["Output"]\neta = nan',
        'layers = ["Output"]\neta = 1e400',
        'layers = ["Output"]\nregularizer = "L2(-1)"',
        'layers = ["Output"]\nbatch_size = 0',
        'layers = ["Output"]\nshifts = -1',
        'layers = ["Output"]\ncost = "cross-entropy"',
        'layers = ["Output"]\nexpansion = "Shift(-1)"',
        'layers = ["Output"]\nwith_validation = 3',
        'layers = [\n  "Output",\n',
        'eta = 1\nlayers = "Output"',
        "eta = 1\nlayers = []",
        'layers = ["Output"]\nlayers = [\n  "Dense(3)",\n]',
    ],
    "my.toml, line 3": [
        'eta = 1\n\n[[layers]]\ntype = "Conv"',
        '[[layers]]\ntype = "Output"\nepochs = 3',
        'layers = ["Output"]\n\nepoch = 3',
        'layers = ["Output"]\nepochs = 3\neta = -0.5',
        'layers = [\n  "Dense(3)"\n  "Output"\n]',
    ],
    "my.toml, line 5": ['[[layers]]\ntype = "Conv"\nmaps = 2\n\nkernel = "x"'],
    "my.toml": ["", "a = " + "[" * 5000, "#" * 2_000_000],
}

MISFITS = {
    "layer 3": "RECIPES['book-relu'].network((8, 8), 10)",
    "layer 1": "Recipe([dr.Conv(2, 3), Output()]).network((8, 8), 10)",
    "layer 0": "Recipe([dr.Conv(2, 3), dr.Flatten(), Output()]).network((64,), 10)",
    "MaxPool": "Recipe([dr.Dense(16), dr.MaxPool(2), dr.Flatten(), Output()]).network((64,), 10)",
    "Conv": "Recipe([dr.Dense(30), dr.Conv(2, 3), dr.Flatten(), Output()]).network((8, 8), 10)",
    "weights": "Recipe([dr.Dense(10**12), Output()]).network((8, 8), 10)",
    "281,018,368": "Recipe([dr.Dense(2**21), dr.Sigmoid(), dr.Dense(70), Output()]).network((8, 8), 10)",
    "10 outputs": "Recipe([dr.Dense(5), dr.Dense(3)]).network((64,), 10)",
}

AREAS = {
    "models": [
        (D, "x", ["model().predict(np.full((1, 16), np.nan))", "model().predict(np.ma.masked_equal(flat.x[:2], 0))"]),
        (
            "DivergedError",
            "layer 0",
            ["vary(params=[{'w': np.full((3, 16), np.nan), 'b': np.zeros(3)}]).predict(flat.x)"],
        ),
        (
            "DivergedError",
            "example 0",
            ["vary(params=[{'w': np.full((3, 16), 3e38, np.float32), 'b': np.zeros(3, np.float32)}]).predict(flat.x)"],
        ),
        (
            S,
            "x",
            [f"model().predict(np.zeros({s}))" for s in ("()", "(3,)", "(15,)", "(17,)", "(32,)", "(2, 5, 4)", "(0,)")],
        ),
        (
            U,
            "x",
            [
                f"model().{asked}({x})"
                for asked in ("predict", "outputs", "predict_proba")
                for x in ("'five'", "[[1, 2], [3]]", "None")
            ],
        ),
        (U, "dataset", [f"model().{asked}({x})" for asked in ASKED for x in ("train.x", "[train.x, train.y]", "None")]),
        (U, "dataset", [f"dr.Ensemble([model(), model()]).{asked}(train.x)" for asked in ASKED]),
        (U, "empty data set", ["model().accuracy(train.take(slice(0)))", "model().cost(train.take(slice(0)))"]),
        (S, "15 numbers", ["model().accuracy(replace(train, x=flat.x[:, 1:]))"]),
        (D, "got 3", ["model().cost(replace(train, y=train.y + 1))"]),
        (U, "real", ["fit(net(1, 1), real).accuracy(real)", "fit(net(1, 1), real).confusion(real)"]),
        (U, "encoding", ["fit(net(1, 1), real).predict_proba(real.x)"]),
        (U, "encoding", ["fit(net(16, 1), replace(train, encoding=dr.encodings.OneVsRest(1))).predict_proba(train.x)"]),
        (U, "cost", ["dr.History(({'epoch': 0}, {'epoch': 1, 'cost': 2.0}))['cost']"]),
        (U, "a", ["dr.History().best('a')", "dr.History(({'epoch': 0},)).best('a')"]),
    ],
    "ensembles": [
        (U, "at least one", ["dr.Ensemble([])"]),
        (U, "models", ["dr.Ensemble(model())", "dr.Ensemble(3)"]),
        (
            U,
            "model 1",
            [
                "dr.Ensemble([model(), dr.errors.DivergedError('epoch 2')])",
                "dr.Ensemble([model(), dr.Ensemble([model()])])",
            ],
        ),
        (U, "model 0", ["dr.Ensemble(['one'])"]),
        (
            U,
            "model 1",
            [
                "dr.Ensemble([model(), prepare_with(encoding=dr.encodings.Real())])",
                "dr.Ensemble([model(), prepare_with(classes=tuple('xyz'))])",
            ],
        ),
        (U, "model 1", ["dr.Ensemble([model(), prepare_with(inputs=dr.preprocessing.Scaling(2.0))])"]),
        (U, "voting", ["dr.Ensemble([model()], 'loud')"]),
    ],
    "model files": [
        (
            F,
            "run",
            [f"dr.load(alter('members', value={members}, make='ensemble'))" for members in ("[]", "'two'", "[3]")],
        ),
        (
            F,
            "voting",
            [f"dr.load(alter('voting', value={v}, make='ensemble'))" for v in ("'loud'", "['soft']", "None")],
        ),
        (F, "newer", ["files.write(path('newer'), {}, {'format': 3}) or dr.load(path('newer'))"]),
        (F, "foreign", ["save_file({'w': np.ones(2)}, path('foreign')) or dr.load(path('foreign'))"]),
        (U, "path", [f"{use}({p})" for use in ("dr.load", "model().save") for p in NO_PATHS]),
        (U, "custom", [FEW + f"dr.load(path('m'), custom={one})" for one in NO_CLASSES]),
        (F, "nothing", ["dr.load(path('nothing'))", "dr.load(path('nothing/nowhere'))"]),
        (F, "nowhere", ["model().save(path('nowhere/model'))"]),
        (F, "path of a file", ["model().save('')", "model().save('.')"]),
        (F, "m", ["path('m').mkdir() or model().save(path('m'))", "path('m').mkdir() or dr.load(path('m'))"]),
        (F, "m", ["vary(settings={'optimizer': object()}).save(path('m'))"]),
        (F, "m", ["dr.load(text('m'))", "dr.load(text('m', 'This is no model.'))", "dr.load(text('m', bytes(100)))"]),
        (F, "m", ["dr.load(text('m', b'\\xff' * 8))", FEW + "dr.load(text('m', path('m').read_bytes()[:-10]))"]),
        (F, "array.npy", ["np.save(path('array.npy'), np.ones(3)) or dr.load(path('array.npy'))"]),
        (F, "run", [f"dr.load(alter({place}))" for place in DOCTORED]),
        (F, "run", [f"dr.load(alter_tensors(lambda t: {change}))" for change in TENSORS]),
    ],
    "recipes": [
        (
            U,
            "epochs",
            ["dr.Training(epochs=0)", "dr.Training(epochs=True)", "dr.Training(epochs=1.5)"],
        ),
        (U, "training", ["Recipe([Output()], training=3)", "Recipe([Output()], training=dr.Training)"]),
        (U, "shifts", ["Recipe([Output()], shifts=-1)"]),
        (U, "layers", ["Recipe([])"]),
        (U, "layer 1", ["Recipe([dr.Dense(3), dr.Sigmoid, Output()])"]),
        (U, "layer 0", ["Recipe([Output])"]),
        (U, "cost", ["Recipe([Output()], dr.CrossEntropy)"]),
        (U, "initializer", ["Output(dr.initializers.Large)"]),
        (
            S,
            "layer 2",
            [f"Recipe([dr.Dense(5), Output(), dr.{last}])" for last in ("Sigmoid()", "Conv(2, 3)", "Flatten()")],
        ),
        (U, "book_relu", ["recipe('book_relu')"]),
        (U, "zebra", ["recipe('zebra')"]),
        *((S, word, [call]) for word, call in MISFITS.items()),
    ],
    "network files": [
        (F, "my.toml, line 1", ["toml('[[layers]]\\nmaps = 20')"]),
        (F, "my.toml, line 1", ["toml('layers = [3]')"]),
        *((F, word, [f"toml({'layers = [' + repr(text) + ']'!r})"]) for word, text in NOTATION.items()),
        *((F, word, [f"toml({text!r})" for text in texts]) for word, texts in SETTINGS.items()),
        (
            F,
            "my.toml, line 3",
            ['toml(\'layers = [\\n "Conv(2, 3)",\\n "MaxPool(4)",\\n "Flatten",\\n "Output"]\').network((8, 8), 10)'],
        ),
        (F, "absent.toml", ["dr.recipes.read(path('absent.toml'))"]),
        (
            F,
            "my.toml",
            [
                "dr.recipes.read(text('my.toml', b'layers = [\"Output\"]\\nabout = \"\\xff\"'))",
                "path('my.toml').mkdir() or dr.recipes.read(path('my.toml'))",
            ],
        ),
    ],
}
"""Area -> rows of (kind of error, word of its message, calls)."""
