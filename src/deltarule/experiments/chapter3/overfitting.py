"""Overfitting: too few examples for too many parameters, and weight decay against it (equations (85) to (88))."""

from __future__ import annotations

from functools import partial

from deltarule.experiments import api as ex
from deltarule.experiments.chapter3.networks import build_network, summarize_accuracy
from deltarule.plotting import COLOURS, add_legend_below, label_axes, plot_band, plot_published
from deltarule.training.callbacks import Monitor

SECTION = "Overfitting and regularization"
SOURCE = f"chapter 3, '{SECTION}'"
EPOCHS_FROM_0 = "Epoch numbers in the table are counted from 0, as in the book; the plot counts from 1."


def measure(config: ex.Config) -> ex.Measured:
    """Measure cost and accuracy after each epoch on the training and test images.

    The training cost includes the regularization term.
    """
    train, _, test = ex.load_images(config)
    model = ex.train(config, build_network(config), train, callbacks=[Monitor(), Monitor(test=test)])
    accuracy, training = (ex.to_percent(model.history[f"{on}_accuracy"]) for on in ("test", "training"))
    cost = model.history["test_cost"]
    figures = summarize_accuracy(accuracy)
    return ex.Measured(
        {
            **figures,
            "flat from": next(epoch for epoch, value in enumerate(accuracy) if value >= figures["best"] - 0.1),
            "training": training[-1],
            "gap": training[-1] - accuracy[-1],
            "test cost least at": cost.index(min(cost)),
            "training cost": float(f"{model.history['training_cost'][-1]:.5g}"),
        },
        {
            "test accuracy": accuracy,
            "training accuracy": training,
            "test cost": ex.round_all(cost),
            "training cost": ex.round_all(model.history["training_cost"]),
        },
    )


@ex.with_panels(1, 2, (6.4, 3.4))
def plot(result: ex.Result, left: ex.Axes, right: ex.Axes, published: float) -> None:
    """Plot accuracy and cost by epoch on the test and the training images."""
    for i, on in enumerate(("test", "training")):
        colour, line = COLOURS[i], ("-", "--")[i]
        plot_band(left, result.series(f"{on} accuracy"), label=f"{on} images", colour=colour, linestyle=line)
        plot_band(right, result.series(f"{on} cost"), colour=colour, linestyle=line)
    plot_published(left, published, f"published: {published} %")
    left.set_ylim(published - 12 if published < 90 else published - 4, 100.5)
    right.set_ylim(bottom=0)
    label_axes(left, "epoch", "accuracy (%)", legend=False)
    label_axes(right, "epoch", "cost")
    add_legend_below(left, 3)


SETTINGS = {"hidden": [30], "init": "large", "cost": "cross-entropy", "eta": 0.5, "batch_size": 10}
THOUSAND = {**SETTINGS, "n_train": 1000, "epochs": 400}
FEW = {"data": "any", "n_train": 300, "n_test": 300, "epochs": 40}
FITS_TRAINING_SET = ex.Published("final training accuracy", "training", 96.0, unit="%", relation="at least")
LEARNS = ex.Published("best test accuracy", "best", 45.0, unit="%", relation="at least")
COST_INCLUDES_WEIGHTS = ex.Published(
    "final training cost, with the regularization term", "training cost", 1.0, relation="at least"
)

OVERFITTING = (
    ex.Experiment(
        id="ch3/overfitting",
        title="A network memorizes a thousand images",
        section=SECTION,
        shows="A network with 23,860 parameters is trained on 1,000 images. At the end it classifies all training "
        "images correctly, but only about 82 % of the test images. The test cost is lowest after about fifteen epochs "
        "and then rises, while the training cost falls until the end.",
        measure=measure,
        plot=partial(plot, published=82.27),
        settings=THOUSAND,
        published=(
            ex.Published("best test accuracy", "best", 82.27, SOURCE, unit="%"),
            ex.Published("epoch of the best test accuracy", "best epoch", 374, SOURCE, relation="about"),
            ex.Published("first epoch within 0.1 points of the best test accuracy", "flat from", 280, SOURCE,
                         relation="about"),
            ex.Published("epoch of the lowest test cost", "test cost least at", 14, SOURCE, relation="about"),
            ex.Published("final training accuracy", "training", 100.0, SOURCE, unit="%"),
        ),
        quick=ex.Quick(FEW, (FITS_TRAINING_SET, LEARNS)),
        seeds=10,
        minutes=3.0,
        remark=EPOCHS_FROM_0,
    ),
    ex.Experiment(
        id="ch3/overfitting-full",
        title="Fifty thousand images overfit less",
        section=SECTION,
        shows="The same network is trained on all training images: the gap between training and test accuracy is now two "
        "to three percentage points instead of eighteen. More data is one of the best ways to reduce overfitting.",
        measure=measure,
        plot=partial(plot, published=95.33),
        settings={**SETTINGS, "epochs": 30},
        published=(
            ex.Published("final training accuracy", "training", 97.86, SOURCE, unit="%"),
            ex.Published("final test accuracy", "last", 95.33, SOURCE, unit="%"),
        ),
        quick=ex.Quick({**FEW, "n_train": 1000, "epochs": 8}, (LEARNS,)),
        minutes=0.4,
    ),
    ex.Experiment(
        id="ch3/regularized",
        title="Weight decay on a thousand images",
        section=SECTION,
        shows="With λ = 0.1 the test cost no longer rises, and the test accuracy reaches 87 %. The training cost in "
        "the plot includes the regularization term. After a few epochs this term is most of the cost, and it falls "
        "slowly.",
        measure=measure,
        plot=partial(plot, published=87.1),
        settings={**THOUSAND, "lmbda": 0.1},
        published=(
            ex.Published("best test accuracy", "best", 87.1, SOURCE, unit="%"),
            ex.Published("epoch of the best test accuracy", "best epoch", 383, SOURCE, relation="about"),
        ),
        quick=ex.Quick(
            {**FEW, "lmbda": 0.3},
            (LEARNS, COST_INCLUDES_WEIGHTS),
            defect={"lmbda": 0.0},
        ),
        seeds=10,
        minutes=3.0,
        remark="λ is divided by n, the number of training images, as in the book's second program. " + EPOCHS_FROM_0,
    ),
    ex.Experiment(
        id="ch3/regularized-full",
        title="Weight decay on all images",
        section=SECTION,
        shows="With all images and λ = 5, each step shrinks the weights as much as λ = 0.1 does with a thousand images. "
        "The test accuracy rises by one percentage point, and the gap to the training accuracy shrinks to about one.",
        measure=measure,
        plot=partial(plot, published=96.49),
        settings={**SETTINGS, "epochs": 30, "lmbda": 5.0},
        published=(
            ex.Published("best test accuracy", "best", 96.49, SOURCE, unit="%"),
            ex.Published("gap between training and test accuracy", "gap", 1.0, SOURCE, unit="%", relation="about"),
        ),
        quick=ex.Quick(
            {**FEW, "n_train": 1000, "epochs": 8, "lmbda": 1.0},
            (LEARNS, COST_INCLUDES_WEIGHTS),
            defect={"lmbda": 0.0},
        ),
        minutes=0.4,
    ),
)  # fmt: skip
