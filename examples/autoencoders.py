"""Two autoencoders whose desired outputs are their inputs: one removes noise, the other writes new digits.

Run it:  python examples/autoencoders.py            the small digits, in seconds
         python examples/autoencoders.py mnist 20 codes.png   MNIST for 20 epochs, and a picture of the code
"""

import sys

import numpy as np
from PIL import Image

import deltarule as dr
from deltarule.plotting.pixels import paint_grey, tile

name, epochs, path = [*sys.argv[1:], *["digits", "30", ""][len(sys.argv) - 1 :]]
train, validation, test = (part.with_inputs_as_targets() for part in dr.data.load(name))
pixels = train.targets.shape[1]
hidden = 400 if name == "mnist" else 60
settings = {"epochs": int(epochs), "batch_size": 50, "optimizer": dr.Adam(), "eta": 0.002, "validation": validation}

# The denoising autoencoder (Vincent and others, 2008): dropout erases inputs, and the outputs must be complete.
network = dr.Network([dr.Dropout(0.3), dr.Dense(hidden), dr.ReLU(), dr.Dense(pixels)], dr.CrossEntropy(), pixels)
denoiser = dr.fit(network, train, seed=1, **settings)
noisy = np.where(np.random.default_rng(1).uniform(size=test.x.shape) < 0.3, 0, test.x) / (1 - 0.3)
off = [np.mean((np.asarray(each) - test.x) ** 2) ** 0.5 / test.white for each in (noisy, denoiser.reconstruct(noisy))]
print(f"root of the mean squared error of a pixel: {off[0]:.3f} with noise, {off[1]:.3f} after the autoencoder")

# The variational autoencoder (Kingma and Welling, 2014): the code of a digit is two numbers, drawn from N(μ, σ²).
encoder = [dr.Dense(hidden), dr.ReLU(), dr.Dense(2 * 2), dr.Latent()]
decoder = [dr.Dense(hidden), dr.ReLU(), dr.Dense(pixels)]
network = dr.Network([*encoder, *decoder], dr.CrossEntropy(), pixels)
model = dr.fit(network, train, seed=1, **settings)
print(f"cost of the validation set: {model.history['validation_cost'][0]:.1f}, then {model.cost(validation):.1f}")

samples = model.sample(100, seed=1)  # codes from N(0, 1), and the decoder alone
codes = model.hidden(test)
print(f"codes of the test set: means {codes.mean(0).round(2)}, deviations {codes.std(0).round(2)}")

if path:  # the decoder's digit for each place in the two-dimensional code
    axis = np.linspace(-2.5, 2.5, 16)
    grid = model.decode(np.stack(np.meshgrid(axis, -axis), axis=-1).reshape(-1, 2)) / test.white
    Image.fromarray(tile(paint_grey(grid[..., None], 1.0), 2)).save(path)
    print(path)
