"""Invalid calls: the book's programs, figures, experiments, and the lab."""

from __future__ import annotations

U, S, D, F = "InvalidArgument", "ShapeError", "DataError", "FileError"

COLUMNS = "[(np.ones((4, 1)), np.eye(2)[:, :1])] * 6"

CONV = {"filter_shape": "(2, 1, 3, 2)", "image_shape": "(2, 1, 9, 8)"}


def conv(**changed: str) -> str:
    """Format the call of a convolution of the third program, with some arguments changed."""
    arguments = ", ".join(f"{name}={value}" for name, value in {**CONV, **changed}.items())
    return f"network3.ConvPoolLayer({arguments})"


def layers(*changed: str) -> str:
    """Format the call of a network of the third program."""
    return f"network3.Network([{', '.join(changed)}], 2)"


A, B, C = conv(), "network3.FullyConnectedLayer(18, 4)", "network3.SoftmaxLayer(4, 3)"
X, Y = "np.zeros((6, 72))", "(np.arange(6) % 3)"

AREAS = {
    "the first program": [
        (U, "outputs", ["network.Network([4, 1]).evaluate([(np.ones((4, 1)), 0)])"]),
        (S, "(4,)", ["network.Network([4, 2]).feedforward(np.ones(4))"]),
        (
            U,
            "training_data",
            ["network.Network([4, 2]).SGD([], 1, 10, 3.0)", "network.Network([4, 2]).SGD(zip(), 1, 10, 3.0)"],
        ),
        (U, "mini_batch_size", [f"network.Network([4, 2]).SGD({COLUMNS}, 1, 0, 3.0)"]),
        (U, "epochs", [f"network.Network([4, 2]).SGD({COLUMNS}, 1.5, 10, 3.0)"]),
        (S, "example 0", ["network.Network([4, 2]).SGD([(np.ones((4, 1)), 1)] * 6, 1, 10, 3.0)"]),
        (S, "digit", [f"network.Network([4, 2]).evaluate({COLUMNS})"]),
        (U, "sizes", ["network.Network([784])", "network2.Network([784])", "network.Network([784, 0])"]),
    ],
    "the second program": [
        (S, "convert", ["network2.Network([4, 2]).total_cost([(np.ones((4, 1)), 0)], 0.0, convert=True)"]),
        (S, "y", ["network2.Network([4, 2]).accuracy([(np.ones((4, 1)), np.ones((2, 1)))], convert=True)"]),
        (F, "net.json", ["with_nan(network2.Network([2, 1])).save(str(path('net.json')))"]),
        (U, "n", ["network2.Network([4, 2]).update_mini_batch([(np.ones((4, 1)), np.ones((2, 1)))], 0.5, 5.0)"]),
        (
            U,
            "evaluation_data",
            [
                f"network2.Network([4, 2]).SGD({COLUMNS}, 1, 2, 0.5, {more})"
                for more in ("monitor_evaluation_cost=True", "early_stopping_n=3")
            ],
        ),
        (F, "nowhere", ["network2.Network([2, 1]).save(str(path('nowhere/net.json')))"]),
        (F, "net.json", ["network2.load(str(path('net.json')))"]),
        (
            F,
            "net.json",
            [
                rf"network2.load(str(text('net.json', {c})))"
                for c in ("'{\"sizes\": [4'", "'[' * 100_000", r"b'\xff\xfe'", "'[]'")
            ],
        ),
        (F, "sizes", ["network2_file(sizes=None)", "network2_file(sizes=['4', 3, 2])", "network2_file(sizes=[4])"]),
        (
            F,
            "weights",
            ["network2_file(sizes=[10**12, 10**12])", "network2_file(weights=None)", "network2_file(weights=[[1.0]])"],
        ),
        (
            F,
            "weights[0]",
            ["network2_file(weights=[[[1.0]], [[1.0]]])", "network2_file(weights=[[[1.0], []], [[1.0]]])"],
        ),
        (
            F,
            "biases[0]",
            [
                "network2_file(biases=[[1, 2, 3], [[1], [2]]])",
                "network2_file(biases=[[['one'], [2], [3]], [[1], [2]]])",
            ],
        ),
        (F, "biases[1]", ["network2_file(biases=[[[1], [2], [3]], [[1], [float('nan')]]])"]),
        (F, "cost", ["network2_file(cost='load')", "network2_file(cost=[1])"]),
    ],
    "layers of the third program": [
        (U, "n_out", ["network3.SoftmaxLayer(3, 1)"]),
        (U, "filter_shape", [conv(filter_shape=s) for s in ("(2, 1, 3)", "(0, 1, 3, 2)", "(2.5, 1, 3, 2)")]),
        (U, "image_shape", [conv(image_shape="28")]),
        (U, "poolsize", [conv(poolsize="(2, 0)")]),
        (S, "filter_shape", [conv(filter_shape="(2, 3, 3, 2)"), conv(filter_shape="(2, 1, 9, 2)")]),
        (S, "pool", [conv(poolsize="(2, 9)")]),
        (U, "activation_fn", [conv(activation_fn=f) for f in ("np.tanh", "'tanh'", "[]")]),
        (U, "n_in", ["network3.FullyConnectedLayer(n_in=0, n_out=3)"]),
        (U, "n_out", ["network3.FullyConnectedLayer(n_in=3, n_out=2.0)"]),
        (U, "p_dropout", [f"network3.FullyConnectedLayer(3, 2, p_dropout={p})" for p in ("1", "'half'", "-0.1")]),
        (U, "activation_fn", ["network3.FullyConnectedLayer(3, 2, max)"]),
        (S, "w", ["setattr(network3.SoftmaxLayer(3, 2), 'w', np.ones((2, 3)))"]),
        (S, "(3,)", ["network3.SoftmaxLayer(3, 2).b.set_value([1, 2, 3])"]),
        (U, "b", ["setattr(network3.SoftmaxLayer(3, 2), 'b', 'many')"]),
        (U, "layers", [layers(), layers(A, "'dense'", C)]),
        (U, "SoftmaxLayer", [layers(A, B), layers(A, C, C)]),
        (U, "twice", [f"(lambda b: network3.Network([b, network3.FullyConnectedLayer(4, 18), b, {C}], 2))({B})"]),
        (S, "layer 1", [layers(A, C), layers(A, conv(filter_shape="(2, 2, 2, 2)", image_shape="(2, 2, 4, 3)"), C)]),
        (S, "layer 1", [layers("network3.FullyConnectedLayer(9, 72)", A, B, C)]),
        (S, "layer 0", [layers(conv(image_shape="(5, 1, 9, 8)"), B, C)]),
        (U, "mini_batch_size", [f"network3.Network([{C}], {n})" for n in ("0", "-1", "2.5", "'10'", "None", "True")]),
    ],
    "training of the third program": [
        (U, "mini_batch_size", ["sgd(mini_batch_size=3)"]),
        (U, "epochs", ["sgd(epochs=0)", "sgd(epochs=1.5)"]),
        (U, "eta", ["sgd(eta=-1)", "sgd(eta='fast')", "sgd(eta=lambda epoch: 'fast')"]),
        (U, "lmbda", ["sgd(lmbda=-0.1)", "sgd(lmbda='1')"]),
        (U, "es", ["sgd(es=-1)"]),
        (U, "transform", ["sgd(transform='rotate')"]),
        (U, "validation_data", ["sgd(validation_data=None)"]),
        (U, "training_data", [f"sgd(training_data={d})" for d in (f"zip({X}, {Y})", f"[({X}, {Y})] * 3")]),
        (
            D,
            "training_data",
            [f"sgd(training_data={d})" for d in ("(object(), object())", f"({X}, np.eye(3)[{Y}])", f"({X}[:1], [0])")],
        ),
        (D, "training_data", [f"sgd(training_data=({X}, {Y}[:4]))", f"sgd(training_data=({X} * np.nan, {Y}))"]),
        (S, "training_data", [f"sgd(training_data=({X}[:, 1:], {Y}))"]),
        (D, "test_data", [f"sgd(test_data=({X}, {Y} + 1))"]),
        (U, "test_mb_predictions", [f"network3.Network([{C}], 2).test_mb_predictions(0)"]),
        (U, "data", [f"network3.Network([{C}], 2).accuracy((np.zeros((0, 4)), np.zeros(0, int)))"]),
        (
            F,
            "net",
            ["network3.Network.load(path('net'))", "model().save(path('net')) or network3.Network.load(path('net'))"],
        ),
    ],
    "files of the book": [
        (D, "expanded.pkl", ["at('book.expand_mnist').expand(path('expanded.pkl'))"]),
        (
            D,
            "mnist.pkl.gz",
            [
                "mnist_loader.load_data(text('mnist.pkl.gz', 'no pickle'))",
                "mnist_loader.load_data(text('mnist.pkl.gz', b''))",
            ],
        ),
        (D, "mnist.pkl.gz", [r"mnist_loader.load_data(text('mnist.pkl.gz', b'cos\nsystem\n(S\'true\'\ntR.'))"]),
        (D, "nowhere", ["mnist_loader.load_data(path('nowhere'))"]),
        (
            D,
            "x, y",
            ["np.savez(path('other.npz'), x=np.ones(3), y=np.ones(3)) or mnist_loader.load_data(path('other.npz'))"],
        ),
        (D, "other.pkl.gz", ["network3.load_data_shared(path('other.pkl.gz'))"]),
    ],
    "figures": [
        (
            U,
            "images",
            [f"plotting.plot_images(np.zeros({s}), ['x'] * {s}[0])" for s in ("(5, 4)", "(2, 3, 4, 5)", "(3,)")],
        ),
        (U, "(50, 12)", ["plotting.plot_weights(np.ones((50, 12)))"]),
        (
            U,
            ".png",
            [
                f"plotting.save_figure(plotting.plot_weights(np.ones((2, 2, 2))), path('{name}'))"
                for name in ("x", "x.txt", "x.")
            ],
        ),
        (F, "x.png", ["plotting.save_figure(plotting.plot_weights(np.ones((2, 2, 2))), text('file') / 'x.png')"]),
        (
            F,
            "folder.png",
            [
                "path('folder.png').mkdir() or "
                "plotting.save_figure(plotting.plot_weights(np.ones((2, 2, 2))), path('folder.png'))"
            ],
        ),
    ],
    "experiments": [
        (U, "directions", ["at('experiments.chapter4.round_tower').build_ridges([0.1], [1.0], 0)"]),
        (
            U,
            "1j",
            ["tasks('ch1/nand', path(''), changed={'eta': 1j})"],
        ),
        (
            U,
            "seeds",
            ["tasks('ch1/first-network', path(''), seeds=0)"],
        ),
        (S, "1 biases", ["at('constructions.chain').build_chain([1.0, 2.0], [0.0])"]),
        (S, "2 steps", ["at('constructions.bumps').build_steps([0.1, 0.2], [1.0])"]),
        (S, "edges", ["at('constructions.bumps').build_bumps([0.0, 1.0], [1.0, 2.0])"]),
        (U, "n: expected at least one", ["at('constructions.bumps').approximate(np.sin, 0)"]),
        (S, "box", ["at('constructions.towers').build_tower([])"]),
        (S, "heights", ["at('constructions.towers').build_towers([[0, 0.5, 1], [0, 1]], np.ones((1, 2)))"]),
        (U, "n: expected at least one", ["at('constructions.towers').approximate(np.add, 0)"]),
        (
            U,
            "dask://host:port",
            [
                f"list(at('experiments.workers').map_unordered({a!r}, abs, [1]))"
                for a in ("dask://here", "dask://", "dask://a:b", "spark://127.0.0.1:1", "ray://x", "")
            ],
        ),
    ],
    "the lab": [
        (
            S,
            "layer 2",
            ["at('lab.training_form').build_network(['Dense(30)', 'Conv(2, 3)', 'Output'], 'softmax', 'digits')"],
        ),
        (U, "m", ["fit(train=flat).save(path('m')) or at('lab.drawing').check_model(path('m'))"]),
        (U, "model", ["at('lab.export').describe_model(fit(train=flat))"]),
        (
            U,
            "layer 1",
            [
                "at('lab.export').describe_model("
                "fit(dr.Network([dr.Dense(3), Mine(), dr.Dense(3)], dr.CrossEntropy(), 16)))"
            ],
        ),
        (U, "softmaxx", ["at('lab.editing').copy_lesson('softmaxx', path('mine.py'))"]),
        (
            U,
            "Sigmod",
            ["at('lab.training_form').build_network(['Dense(30)', 'Sigmod', 'Output'], 'softmax', 'digits')"],
        ),
        (
            U,
            "mini-batch",
            [
                f"at('lab.training_form').build_job('digits', ['Output'], 'softmax', 'SGD', {n}, 1)"
                for n in ("None", "2.5", "0")
            ],
        ),
        (
            U,
            "seed",
            [
                f"at('lab.training_form').build_job('digits', ['Output'], 'softmax', 'SGD', 10, {n})"
                for n in ("None", "-1")
            ],
        ),
        (U, "ensemble", ["at('lab.export').describe_model(dr.Ensemble([model(), model()]))"]),
        (F, "mine.py", ["at('lab.editing').copy_lesson('softmax', text('mine.py'))"]),
    ],
}
"""Area -> rows of (kind of error, word of its message, calls)."""
