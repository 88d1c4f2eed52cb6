"""Invalid calls: the parts that networks and training are made of."""

from __future__ import annotations

U, S, D = "InvalidArgument", "ShapeError", "DataError"

NO_NUMBERS = ("'0.9'", "None", "True", "0.5j", "[0.5]")

NUMBERS = {
    "p": ["dr.Dropout({})"],
    "mu": ["dr.Momentum({})", "dr.Nesterov({})"],
    "beta1": ["dr.Adam({})"],
    "beta2": ["dr.Adam(0.9, {})"],
    "epsilon": ["dr.Adam(0.9, 0.9, {})", "dr.BatchNorm({})", "dr.LabelSmoothing(dr.CrossEntropy(), {})"],
    "momentum": ["dr.BatchNorm(1e-5, {})"],
    "decay": ["dr.ExponentialMovingAverage(dr.SGD(), {})"],
    "value": ["dr.schedules.Constant({})"],
    "start": ["dr.schedules.Exponential({}, 0.5)", "dr.schedules.ReduceOnPlateau({})"],
    "peak": ["dr.schedules.OneCycle({})"],
    "rate": ["dr.schedules.Exponential(1.0, {})"],
    "rise": ["dr.schedules.OneCycle(1.0, {})"],
    "stop_at": ["dr.schedules.ReduceOnPlateau(1.0, 10, {})"],
    "lmbda": ["dr.L1({})", "dr.L2({})"],
    "a": ["dr.LeakyReLU({})", "dr.ELU({})"],
    "scale": ["dr.ShiftedSigmoid({})", "dr.augmentation.Affine(scale={})"],
    "shift": ["dr.ShiftedSigmoid(1.0, {})", "dr.augmentation.Affine(1.0, {})"],
    "rotation": ["dr.augmentation.Affine({})"],
    "skew": ["dr.augmentation.Affine(skew={})"],
    "alpha": ["dr.augmentation.Elastic({}, 4)"],
    "sigma": ["dr.augmentation.Elastic(1.0, {})"],
    "damping": ["dr.calculus.newton_step(lambda p: p, [{{'w': np.ones(1)}}], {})"],
}
"""What takes a number, by its name."""

NUMBER_ROWS = [
    (U, name, [call.format(value) for call in calls for value in NO_NUMBERS]) for name, calls in NUMBERS.items()
]

WHOLE = {
    "Dense": ["dr.Dense({})"],
    "Conv": ["dr.Conv({}, 3)"],
    "kernel": ["dr.Conv(3, {})"],
    "stride": ["dr.Conv(3, 3, stride={})", "dr.MaxPool(2, {})"],
    "size": ["dr.MaxPool({})", "dr.L2Pool({})"],
    "pool": ["dr.initializers.FanOut({})"],
    "pixels": ["dr.augmentation.Shift({})", "dr.data.with_shifts(train, {})"],
    "patience": ["dr.schedules.ReduceOnPlateau(1.0, {})"],
}
"""What takes a whole number."""

NO_WHOLES = ("True", "1.5", "'2'", "-1")

WHOLE_ROWS = [
    (U, name if name not in ("pixels", "patience") else "whole number", [c.format(v) for c in calls for v in NO_WHOLES])
    for name, calls in WHOLE.items()
]

AREAS = {
    "numbers": NUMBER_ROWS,
    "whole numbers": WHOLE_ROWS,
    "activations": [
        (U, "a", [f"dr.LeakyReLU({a})" for a in ("-0.1", "1.0", "np.nan")]),
        (U, "a", [f"dr.ELU({a})" for a in ("0.0", "-1.0", "np.nan")]),
    ],
    "costs": [
        (U, "epsilon", ["dr.LabelSmoothing(dr.CrossEntropy(), 1.0)", "dr.LabelSmoothing(dr.CrossEntropy(), -0.1)"]),
        (U, "LabelSmoothing", ["dr.LabelSmoothing('cross-entropy')", "dr.LabelSmoothing(dr.CrossEntropy)"]),
        (U, "Quadratic", ["dr.Quadratic(dr.Linear)", "dr.Quadratic('sigmoid')"]),
    ],
    "initializers": [
        (U, "pool", [f"dr.initializers.FanOut({pool})" for pool in ("0", "2.5", "(2, 2, 2)", "(2, 0)")]),
        (
            U,
            "initializer",
            [
                "dr.Dense(3, dr.initializers.He)",
                "dr.Network.dense([3, 2], init=dr.initializers.He)",
                "dr.Dense(3, 'he')",
                "dr.Conv(3, 5, initializer=dr.initializers.He)",
            ],
        ),
    ],
    "layers": [
        (U, "p", [f"dr.Dropout({p})" for p in ("1.0", "-0.1", "np.nan")]),
        (U, "Dense", ["dr.Dense(0)"]),
        (S, "Flatten", ["dr.Dense(4).output_shape((2, 3))"]),
        (U, "Conv", ["dr.Conv(0, 5)"]),
        (U, "stride", ["dr.Conv(1, 5, stride=0)", "dr.MaxPool(2, (1, 0))"]),
        (U, "kernel", ["dr.Conv(3, (2,))", "dr.Conv(3, (2, 0))", "dr.Conv(3, (1, 2, 3))", "dr.Conv(3, None)"]),
        (S, "kernel", ["dr.Conv(3, (5, 2)).output_shape((4, 6, 1))"]),
        (S, "Conv", ["dr.Conv(3, 3).output_shape((28, 28))"]),
        (U, "size", ["dr.L2Pool(0)", "dr.MaxPool((2, 2, 2))"]),
        (S, "MaxPool", ["dr.MaxPool(2).output_shape((784,))"]),
        (S, "height", ["dr.MaxPool(2).output_shape((25, 24, 1))", "dr.MaxPool(2, stride=3).output_shape((7, 8, 1))"]),
        (S, "width", ["dr.MaxPool((2, 3)).output_shape((24, 25, 1))", "dr.L2Pool(2).output_shape((5, 7, 1))"]),
        (U, "epsilon", ["dr.BatchNorm(epsilon=0.0)", "dr.BatchNorm(epsilon=np.nan)"]),
        (U, "momentum", ["dr.BatchNorm(momentum=1.0)", "dr.BatchNorm(momentum=-0.1)"]),
    ],
    "network": [
        (S, "layer", ["dr.Network([], dr.CrossEntropy(), (2,))"]),
        (S, "layer 1", ["dr.Network([dr.Sigmoid(), dr.Dense(2)], dr.CrossEntropy(), (2, 2))"]),
        (S, "(2, 2)", ["dr.Network([dr.Sigmoid()], dr.CrossEntropy(), (2, 2))"]),
        (S, "layer 0", ["dr.Network([dr.Conv(6, 3), dr.Flatten(), dr.Dense(10)], dr.LogLikelihood(), (8, 8))"]),
        (S, "(24, 24, 20)", ["dr.Network([dr.Conv(20, 5)], dr.LogLikelihood(), (28, 28, 1))"]),
        (U, "layer 1", ["dr.Network([dr.Dense(3), dr.ReLU, dr.Dense(2)], dr.CrossEntropy(), 2)"]),
        (U, "layer 0", ["dr.Network([dr.Dense], dr.CrossEntropy(), 2)", "dr.Network(['relu'], dr.CrossEntropy(), 2)"]),
        (U, "layers", ["dr.Network(dr.Dense(2), dr.CrossEntropy(), 2)"]),
        (U, "cost", ["dr.Network([dr.Dense(2)], dr.CrossEntropy, 2)", "dr.Network([dr.Dense(2)], 'quadratic', 2)"]),
        (
            U,
            "input_shape",
            [
                f"dr.Network([dr.Dense(2)], dr.CrossEntropy(), {shape})"
                for shape in ("0", "784.0", "'784'", "None", "()", "(0,)", "(28, True)", "([28],)")
            ],
        ),
        (U, "sizes", ["dr.Network.dense([3])", "dr.Network.dense(3, 2, 1)"]),
        (U, "whole numbers", ["dr.Network.dense([3, 0])", "dr.Network.dense([3, 2.0])"]),
        (U, "cost", ["dr.Network.dense([3, 2], cost='entropy')", "dr.Network.dense([3, 2], cost=dr.Quadratic)"]),
        (U, "relo", ["dr.Network.dense([3, 2, 1], hidden='relo')"]),
        (U, "Tanh", ["dr.Network.dense([3, 2, 1], hidden=dr.Tanh)"]),
        (U, "init", ["dr.Network.dense([3, 2], init='small')"]),
        (U, "seed", [f"net().init({seed})" for seed in ("-1", "2**64", "1.0", "None")]),
    ],
    "newton and gradient check": [
        (U, "Hessian", ["dr.calculus.newton_step(lambda p: p, net(784, 30, 10).init(0))"]),
        (U, "float64", ["dr.calculus.hessian(lambda p: p, [{'w': np.ones(2, np.float32)}])"]),
        (
            U,
            "damping",
            [f"dr.calculus.newton_step(lambda p: p, [{{'w': np.ones(1)}}], {d})" for d in ("-1", "np.nan", "np.inf")],
        ),
        (
            U,
            "gradient",
            [
                f"dr.calculus.newton_step(build_gradient(lambda w: w * {x}), [{{'w': np.ones(2)}}])"
                for x in ("np.nan", "np.inf")
            ],
        ),
        (
            U,
            "Hessian",
            ["dr.calculus.newton_step(build_gradient(lambda w: np.where(w == 1, 1.0, np.nan)), [{'w': np.ones(2)}])"],
        ),
        (U, "damping", ["dr.calculus.newton_step(build_gradient(lambda w: w * 0), [{'w': np.ones(2)}])"]),
        (U, "params", ["dr.calculus.hessian(lambda p: p, [{}, {}])"]),
        (
            U,
            "directions",
            [
                f"dr.gradcheck(net(2, 1), net(2, 1).init(0), np.ones((1, 2)), np.ones((1, 1)), directions={n})"
                for n in ("0", "-1")
            ],
        ),
        (
            U,
            "float64",
            ["dr.gradcheck(net(2, 1), in_float32(net(2, 1).init(0)), np.ones((1, 2)), np.ones((1, 1)))"],
        ),
    ],
    "optimizers": [
        (U, "mu", ["dr.Momentum(1.0)", "dr.Momentum(-0.1)", "dr.Nesterov(np.nan)", "dr.Nesterov(1)"]),
        (U, "beta1", ["dr.Adam(beta1=1.0)"]),
        (U, "beta2", ["dr.Adam(beta2=-1.0)"]),
        (U, "epsilon", ["dr.Adam(epsilon=0.0)"]),
        (U, "decay", ["dr.ExponentialMovingAverage(dr.SGD(), 1.0)", "dr.ExponentialMovingAverage(dr.SGD(), -0.1)"]),
        (
            U,
            "ExponentialMovingAverage",
            [
                "dr.ExponentialMovingAverage('sgd')",
                "dr.ExponentialMovingAverage(dr.SGD)",
                "dr.ExponentialMovingAverage(dr.ExponentialMovingAverage(dr.SGD()))",
            ],
        ),
    ],
    "regularizers": [(U, "lmbda", [f"dr.{kind}({x})" for kind in ("L1", "L2") for x in ("-1.0", "np.nan")])],
    "schedules": [
        (U, "value", ["dr.schedules.Constant(-1.0)", "dr.schedules.Constant(np.inf)"]),
        (U, "start", ["dr.schedules.ReduceOnPlateau(-1.0)", "dr.schedules.Exponential(np.nan, 0.5)"]),
        (U, "peak", ["dr.schedules.OneCycle(-1.0)"]),
        (U, "rate", ["dr.schedules.Exponential(1.0, 0.0)", "dr.schedules.Exponential(1.0, 1.5)"]),
        (U, "patience", [f"dr.schedules.ReduceOnPlateau(1.0, {n})" for n in ("0", "1.5", "2.0", "True", "'3'")]),
        (
            U,
            "stop_at",
            ["dr.schedules.ReduceOnPlateau(1.0, stop_at=0.0)", "dr.schedules.ReduceOnPlateau(1.0, stop_at=2.0)"],
        ),
        (U, "rise", ["dr.schedules.OneCycle(1.0, rise=1.0)", "dr.schedules.OneCycle(1.0, rise=0.0)"]),
        (U, "validation", ["fit(validation=None, eta=dr.schedules.ReduceOnPlateau(0.1))"]),
    ],
    "augmentation": [
        (U, "Shift", ["dr.augmentation.Shift(-1)", "dr.augmentation.Shift(0.5)", "dr.augmentation.Shift(True)"]),
        (U, "rotation", ["dr.augmentation.Affine(rotation=-3)"]),
        (U, "shift", ["dr.augmentation.Affine(shift=np.nan)"]),
        (U, "skew", ["dr.augmentation.Affine(skew='much')"]),
        (U, "scale", ["dr.augmentation.Affine(scale=1)"]),
        (U, "alpha", ["dr.augmentation.Elastic(-1, 4)"]),
        (U, "sigma", ["dr.augmentation.Elastic(34, np.inf)", "dr.augmentation.Elastic(34, 0)"]),
        (
            U,
            "parts",
            [
                "dr.augmentation.Chain(dr.augmentation.Shift(1))",
                "dr.augmentation.Chain([dr.augmentation.Shift])",
                "dr.augmentation.Chain([3])",
            ],
        ),
    ],
}
"""Area -> rows of (kind of error, word of its message, calls)."""
