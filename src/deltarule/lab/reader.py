"""The lab's bundled network for drawings; ``python -m deltarule.lab.reader`` trains it and writes its file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from deltarule.core.distortions import Affine
from deltarule.data import load as load_data
from deltarule.models.history import History
from deltarule.models.loading import load
from deltarule.models.model import Model
from deltarule.models.predictor import Predictor
from deltarule.preprocessing import Preprocessing
from deltarule.recipes import recipe
from deltarule.training.callbacks import Progress
from deltarule.training.fit import fit

FILE = Path(__file__).parent / "reader.safetensors"
EPOCHS = 10


def load_bundled_model() -> Predictor:
    """Load the trained model that comes with deltarule."""
    return load(FILE)


def train() -> Model:
    """Train the recipe fast-99 for ten epochs with random rotation, shift and scale: drawings vary more than MNIST."""
    fast_99 = recipe("fast-99")
    settings = replace(fast_99.training, epochs=EPOCHS, augmentation=Affine(12, 2, 0.15, 0.15), seed=1)
    training, validation, _ = load_data("mnist")
    fitted = Preprocessing.fit(training)
    network = fast_99.network(fitted.input_shape, fitted.encoding.n_out)
    return fit(network, training, settings, validation=validation, callbacks=[Progress()])


if __name__ == "__main__":
    model = train()
    test = load_data("mnist")[2]
    print(f"{100 * model.accuracy(test):.2f} % of the test images are classified correctly")
    replace(model, history=History(), settings={}).save(FILE)
