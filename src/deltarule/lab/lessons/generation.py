"""Networks that write digits: a Boltzmann machine that dreams and completes drawings, and a plane of digits."""

# /// script
# [tool.marimo.display]
# theme = "system"
# ///

import marimo

app = marimo.App(app_title="Digits that a network writes", css_file="../lesson.css")


@app.cell
def _():
    import marimo as mo
    import numpy as np

    from deltarule import RBM, Model
    from deltarule.data import OneHot
    from deltarule.data.fallback import load_images
    from deltarule.lab import autoencoder
    from deltarule.lab.figure import make_figure
    from deltarule.lab.machine import pack_for_page, read_machine
    from deltarule.preprocessing import Preprocessing, Scaling

    return (
        Model,
        OneHot,
        Preprocessing,
        RBM,
        Scaling,
        autoencoder,
        load_images,
        make_figure,
        mo,
        np,
        pack_for_page,
        read_machine,
    )


@app.cell
def _(mo):
    mo.md(r"""
    # Digits that a network writes

    All networks so far answer a question about an image. This one makes the image. A **restricted Boltzmann machine**
    has visible units $v$, here the 784 pixels and ten labels, and hidden units $h$, here 256. Each unit is 0 or 1, and
    each visible unit is connected with each hidden unit. There is no output. Instead, every state has an **energy**,

    $$E(v, h) = -h^T w\, v - b^T v - c^T h,$$

    and a state is the more probable, the lower its energy is: $P(v, h) = e^{-E(v, h)} / Z$, where $Z$ makes the sum of
    all probabilities 1. The machine has learned weights with which the images of MNIST are probable.

    To write a digit, it starts from random pixels and draws all hidden units, given the visible ones; then all visible
    units, given the hidden ones; and so on. This is **Gibbs sampling**. If a label unit is held at 1, a digit of that
    name emerges.
    """)
    return


@app.cell
def _(make_figure, mo, pack_for_page):
    machine = pack_for_page()
    parts = ("../playground/random.js", "bytes.js", "pixels.js", "boltzmann.js")
    dream = mo.ui.anywidget(make_figure("dream", parts, machine=machine))
    dream
    return dream, machine, parts


@app.cell
def _(mo):
    mo.md(r"""
    - The picture shows probabilities: the darker a pixel, the more probable is ink. The machine then draws 0 or 1 for
      each pixel, and goes on from there.
    - The **free energy** $F(v)$ sums up over all hidden states: $P(v) = e^{-F(v)}/Z$. It falls quickly while a digit
      emerges. Then it goes up and down: sampling does not look for the lowest energy, it visits states as often as they
      are probable.
    - The steps are random. Another seed gives another digit, and not each is well written.

    The same in Python:
    """)
    return


@app.cell
def _(Model, OneHot, Preprocessing, RBM, Scaling, mo, np, read_machine):
    def build_model():
        """Build the model from the machine's file, whose weights are whole numbers in units of a scale."""
        file = read_machine()
        params = {"w": file["w"] * float(file["scale"][0]), **{name: file[name].astype(float) for name in ("b", "c")}}
        machine = RBM(784, len(params["c"]), n_labels=10)
        return Model(machine, [params], Preprocessing(OneHot(10), Scaling(255.0), example_shape=(28, 28)))

    def write_digit(label, steps, seed):
        """Write a digit, (28, 28), as probabilities of ink."""
        return build_model().sample(1, seed=seed, steps=steps, label=label)[0] / 255

    three = write_digit(label=3, steps=1000, seed=1)
    mo.show_code(np.round(three[14, 8:20], 1))
    return build_model, three, write_digit


@app.cell
def _(mo):
    mo.md(r"""
    ## Complete a drawing

    If some pixels are known, they are held at their values, and only the others are drawn again and again. So the
    machine fills in what is missing. Draw half a digit, and choose which half is known.
    """)
    return


@app.cell
def _(make_figure, machine, mo, parts):
    completion = mo.ui.anywidget(make_figure("completion", (*parts, "../pad.js"), machine=machine))
    completion
    return (completion,)


@app.cell
def _(mo):
    mo.md(r"""
    - A completion is not an answer, but one of many possible ones. Press *another completion*.
    - With a label the machine makes that digit of the half that you drew, if it can.
    - It knows only MNIST's digits. Draw a house, and it makes a digit of it.

    How does such a machine learn? By **contrastive divergence**: $\partial \ln P / \partial w$ is the difference of two
    averages, $\langle h\, v^T \rangle$ over the training images, and the same over what the machine itself would draw.
    So each weight grows if two units are on together more often in the data than in what the machine writes, and
    shrinks if less often. No error flows back. The lines are in `deltarule/core/boltzmann.py`.
    """)
    return


@app.cell
def _(build_model, mo, np):
    def complete_drawing(ink, known, label, steps, seed):
        """Complete an image of 784 numbers from 0 to 255 where ``known`` is not 0; return probabilities of ink."""
        shape = (1, 28, 28)
        image, mask = np.reshape(ink, shape), np.reshape(known, shape).astype(bool)
        return build_model().complete(image, mask, seed=seed, steps=steps, label=label)[0] / 255

    upper = np.arange(784) < 392
    mo.show_code(complete_drawing(np.where(upper, 0, 255), upper, label=7, steps=20, seed=1).mean().round(3))
    return complete_drawing, upper


@app.cell
def _(mo):
    mo.md(r"""
    ## A plane of digits

    A **variational autoencoder** writes in another way. Its *encoder* reads an image $x$ and describes it by a **code**
    $z$ of two numbers; its *decoder* makes an image of the code. Both are networks of three dense layers. The encoder
    does not give the code itself, but a normal distribution from which it is drawn, with two means $\mu$ and two
    deviations $\sigma$:

    $$z = \mu + \sigma \odot \epsilon, \quad \epsilon \text{ from } N(0, 1).$$

    The cost is the cross-entropy between the image and what the decoder makes of its code, plus a penalty $P$:

    $$C_x = -\sum_i \left[ x_i \ln a_i + (1 - x_i) \ln (1 - a_i) \right] + P$$

    $$P = \tfrac{1}{2} \sum_k \left( \mu_k^2 + \sigma_k^2 - 1 - \ln \sigma_k^2 \right)$$

    $P$ is 0 only for $\mu = 0$ and $\sigma = 1$. So it pulls the codes of all images together, until they fill the
    plane around 0 without large gaps, and the decoder makes a digit of almost every place there. How does the error
    pass through a random draw? Only $\epsilon$ is random, and $z$ is a function of $\mu$ and $\sigma$:

    $$\frac{\partial C}{\partial \mu} = \frac{\partial C}{\partial z} + \mu$$

    $$\frac{\partial C}{\partial \ln \sigma^2} = \tfrac{1}{2}\, \sigma \odot \epsilon \odot
    \frac{\partial C}{\partial z} + \tfrac{1}{2} (\sigma^2 - 1)$$

    BP2 gives $\partial C / \partial z = w^T \delta$, with $w$ and $\delta$ of the decoder's first layer. From $\mu$ and
    $\ln \sigma^2$ the error goes back through the encoder as always. Drag the point, or choose an image and go to its
    code.
    """)
    return


@app.cell
def _(autoencoder, load_images, make_figure, mo, np):
    test = load_images("any")[2]
    two_of_each = np.concatenate([np.flatnonzero(test.y == digit)[:2] for digit in range(10)])
    images = test.x[two_of_each].astype(np.uint8)
    plane = mo.ui.anywidget(
        make_figure(
            "code_map",
            ("bytes.js", "pixels.js", "autoencoder.js", "../pad.js"),
            autoencoder=autoencoder.pack_for_page(),
            images=images.tobytes(),
        )
    )
    plane
    return images, plane, test


@app.cell
def _(mo, test):
    mo.md(
        ("" if test.name.startswith("mnist") else "*MNIST is not on this computer. So the images to choose from are "
         "small digits that come with deltarule, enlarged from 8 × 8 to 28 × 28 pixels. They are unlike MNIST's, so "
         "the network reconstructs them less well.*")
        + r"""

    - The points are the codes $\mu$ of 1,000 test images of MNIST, which the network did not learn from, coloured by
      their labels. It never saw a label. Yet images of the same digit lie together, because one decoder must write all
      images near a place.
    - The ring is the code of the image, and the dashed line around it is two $\sigma$ away. An image is off by the root
      of the mean squared difference of its pixels, where 0 is paper and 1 is ink.
    - Two numbers are few. So reconstructions are blurred where the codes of different digits meet, as those of 4 and 9
      do: the best answer to a code that may mean both is their mean.

    The encoder's gradient is in `deltarule/core/latent.py`. `python -m deltarule.lab.autoencoder` trained this network.
    """
    )  # fmt: skip
    return


@app.cell
def _(autoencoder, mo, np):
    def write_code(code, ink):
        """Decode a code; and encode an image, of 784 numbers from 0 to 255, and reconstruct it."""
        model = autoencoder.unpack_autoencoder(autoencoder.read_autoencoder())
        image = np.reshape(ink, (1, 28, 28))
        digit, again = model.decode([code])[0] / 255, model.reconstruct(image)[0] / 255
        return digit, model.hidden(image)[0], again

    mo.show_code(write_code([0.0, 0.0], np.zeros(784))[0][14, 8:20].round(1))
    return (write_code,)


if __name__ == "__main__":
    app.run()
