"""The texts of docs/benchmarks.md besides the numbers."""

HEAD = """\
# Benchmarks

The time and memory that deltarule and its peers need for the same training on the same images. Written by `make bench`
from `benchmarks-*.json`, `many-*.json` and `parts-*.json` in `results`, which hold every single time, and from
`src/deltarule/recipes/measured.json`; do not edit it by hand.

![Seconds per epoch of every contender, as bars](benchmarks.png)"""

METHOD = """\
## The method

An **epoch** is one pass over the 50,000 training images of MNIST (over 250,000 with shifted copies), in a new
random order, in mini-batches. The images are stored as bytes; the time includes shuffling them and scaling them to
floating-point numbers from 0 to 1. It does not include loading, the first weights, compiling and the accuracy on the
10,000 test images.

**All contenders do the same work**: the recipe above each table, from the same first weights (except
scikit-learn, which draws its own), for the same number of epochs; other differences are described below. The
accuracy on the test images after the last epoch confirms it: mean (lowest to highest) over the rounds, each with
another seed. A contender that would take minutes gets fewer images, and its time is multiplied: the table says so,
and has no accuracy for it.

**In turn**: a round starts one process for each contender, one after another, and nothing else; every other round has
the reverse order. A contender's time is the median over the rounds of the median epoch of each; the *spread*
goes from the fastest to the slowest of all its epochs. The *ratio* is the median over the rounds of its time divided
by that of deltarule's JAX engine in the same round: how many times as long it takes.

**The phases of the machines**: both machines are virtual, and their speed changes by half from one quarter of an hour
to the next, not equally for all contenders. So a ratio differs from round to round, as in the nine rounds of `conv-10`
on the Intel machine, which gave 1.8 to 2.6 × relative to PyTorch, compiled; and a figure close to its target may miss
it the next time: five rounds hours before had a median of 2.1 × (1.8, 2.4, 2.9, 2.1 and 1.7), these have 2.3 ×.

**Some measurements are older than the current code**; each job was measured with the code of its date:

- In rounds before 2026-11-22 threads did not yet take parts of the mini-batch; they shared each
  product. With that code an earlier, quieter phase of the AMD machine gave 7.4 s for `conv-10` against 11.8 s of
  PyTorch, compiled: 1.5 ×, where the table has a later, slower phase; and `fast-99` took 2.56, 2.75, 3.2 and 3.4 s in
  four phases, where the table has 3.35 s. So these rounds do not show the gain by parts; that was measured separately,
  in one process: the gain by 2 threads, above.
- In all rounds on the AMD machine the places of a pooling window did not yet share their products. On the Intel
  machine `conv-10` took 8.1 s before that, against 11.8 s of PyTorch, compiled, then 6.1 s against 12.7 s, and finally
  4.9 s against 10.8 s; part of this gain is that gradients are now computed in their own shapes before threads
  exchange them. Nine rounds of `fast-99` took 2.69 s there, then 2.13 s with the first layer's products shared, and
  2.22 s with all of this, in a phase in which PyTorch took 6.2 s instead of 4.8 s.
- `conv-100` and `fast-99` on the Intel machine were measured just before vectors of 512 bits were allowed. In one
  process, in turn, these did not change `conv-10`, and made `fast-99` 0.97 to 1.04 times as fast.
- On the AMD machine Keras was not measured on the dense networks, and for `conv-100` each number of threads was tried
  once. The load averages tell which jobs began on a machine that had just been busy with other work.

**Threads**: 1, 2, 4, … and all cores were tried first, in short runs in turn, three of each. The number with the
least median time was chosen, or a smaller one within 3 % of it.

**Compiling** is not part of the time and has its own column: first with an empty cache, then again, with the compiled
program in the cache. **Memory** is the peak of the process from its start to the end of training, with the
images, the libraries and compiling; 1 MiB is 2²⁰ bytes, and 1 GB, the unit of the targets, 10⁹."""

ALONE = (
    "The time is that of the fastest seed, since other work on the machine can only add to it; "
    "`src/deltarule/recipes/measured.json` has the times of all seeds. Unlike the tables above, it does not measure "
    "speed: seeds of `book-conv` ran two at a time, those of `best`, `book-two-conv`, `book-relu` and `book-dropout` "
    "mostly next to other work, and took up to 3.6 times as long. Those of `fast-99` ran one after another; in a "
    "quieter hour, when its threads still shared each product, they took 2.2 to 2.5 s. `best` was chosen on the "
    "validation set, in the trials of `results/search-best.json`, of seed 0; after this tuning it also trains on the "
    "validation set, on 60,000 images in total, in as many steps. It trained with both threads; the fastest seed is "
    "the one that had the machine to itself. Before it, the same network with 12 epochs was evaluated on the test set "
    "(99.71 %, its soft vote 99.74 %); that more epochs are better was found on the validation set."
)
