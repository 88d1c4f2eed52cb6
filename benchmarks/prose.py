"""The texts of docs/benchmarks.md besides the numbers."""

HEAD = """\
# Benchmarks

The time and memory that deltarule and its peers need for the same training on the same images. Written by `make bench`
from `benchmarks-*.json` and `many-*.json` in `results`, which contain each measured time, and
from `src/deltarule/recipes/measured.json`; do not edit it by hand.

![Seconds per epoch of every contender, as bars](benchmarks.png)"""

METHOD = """\
## The method

An **epoch** is one pass over the 50,000 training images of MNIST (over 250,000 with shifted copies), in a new
random order, in mini-batches. The images are stored as bytes; the time includes shuffling them and scaling them to
floating-point numbers from 0 to 1. It does not include loading, the first weights, compiling and the accuracy on the
10,000 test images.

**All contenders do the same work**: the recipe above each table, from the same first weights (except
scikit-learn, which draws its own), for the same number of epochs; other differences are described below. The
accuracy on the test images after the last epoch confirms it: the tables show its mean (lowest to highest) over the
rounds, each with another seed. A contender that would take minutes gets fewer images, and its time is multiplied: the
table says “scaled from”, and has no accuracy for it.

**In turn**: a round starts one process for each contender, one after another, and nothing else. The order is reversed
in every second round. For each round we take the median of a contender's epochs. Its time is the median of these over
the rounds; the *spread* goes from the fastest to the slowest of all its epochs. The *ratio* says how many times as long
as deltarule's JAX engine it takes: for each round we divide its time by that of the JAX engine in the same round, and
take the median over the rounds.

**The phases of the machines**: both machines are virtual, and their speed changes by half from one quarter of an hour
to the next, not equally for all contenders. So a ratio differs from round to round: the nine rounds of `conv-10` on
the Intel machine gave 1.8 to 2.6 × relative to PyTorch, compiled. A result close to its target may miss it the next
time. Five rounds some hours earlier had a median of 2.1 × (1.8, 2.4, 2.9, 2.1 and 1.7). The nine rounds in the table
have 2.3 ×.

**Some measurements are older than the current code**; each job was measured with the code of its date:

- In rounds before 2026-11-22 the threads did not yet take parts of the mini-batch; they shared each product. With
  that code, in an earlier, quieter phase of the AMD machine, `conv-10` took 7.4 s, and PyTorch, compiled, 11.8 s:
  1.5 ×. The table shows a later, slower phase. `fast-99` took 2.56, 2.75, 3.2 and 3.4 s in four phases; the table has
  3.35 s. Since the phases differ, a comparison of these rounds with the table does not show the gain by parts.
- All rounds on the AMD machine are older than two changes: the first layer computes all places of a pooling window by
  one matrix product, and the rows of a pooling window share products. On the Intel machine `conv-10` took 8.1 s
  before the rows shared products (PyTorch, compiled: 11.8 s), then 6.1 s (12.7 s), and finally 4.9 s (10.8 s). A part
  of this gain has another reason: gradients are now computed in the shapes of their parameters before the threads
  exchange them. On the Intel machine nine rounds of `fast-99` took 2.69 s at first, and 2.13 s when the first layer
  shared products. With all changes they took 2.22 s, but in a slower phase: PyTorch took 6.2 s then, not 4.8 s.
- `conv-100` and `fast-99` on the Intel machine were measured just before vectors of 512 bits were allowed. When we
  measured both forms in turn in one process, these vectors did not change `conv-10`, and made `fast-99` 0.97 to 1.04
  times as fast.
- On the AMD machine Keras was not measured on the dense networks, and for `conv-100` each number of threads was tried
  once. The load averages tell which jobs began on a machine that had just been busy with other work.

**Threads**: first we tried 1, 2, 4, … threads and one for each core in turn, with three short runs of each. We chose
the number with the least median time, or a smaller one within 3 % of it.

**Compiling** is not part of the time and has its own column: first with an empty cache, then again, with the compiled
program in the cache. **Memory** is the peak of the process from its start to the end of training, with the
images, the libraries and compiling; 1 MiB is 2²⁰ bytes, and 1 GB, the unit of the targets, is 10⁹ bytes."""

TARGETS = """\
The target is what we require. The stretch target is a harder one that we would like to reach."""

ALONE = (
    "The accuracies are those on MNIST's 10,000 test images: mean and standard deviation over the seeds. The training "
    "time does not include compilation. The time is that of the fastest seed, since other work on the machine can "
    "only add to it; `src/deltarule/recipes/measured.json` has the times of all seeds. Unlike the tables above, it "
    "does not measure speed: the seeds of `book-conv` ran two at a time, those of `best`, `book-two-conv`, "
    "`book-relu` and `book-dropout` mostly next to other work. A seed took up to 3.6 times as long as the fastest "
    "seed of the same recipe. The seeds of `fast-99` ran one after another. In a quieter hour, with older code in "
    "which the threads shared each product, they took 2.2 to 2.5 s. `best` was chosen on the validation set, in the "
    "trials of `results/search-best.json`, all with seed 0. After this tuning it also trains on the validation set, "
    "on 60,000 images in total: its 16 epochs have about as many steps as the 19 epochs of the best trial, with "
    "50,000 images. It trained with both threads; the fastest seed is the one that had the machine to itself. Before "
    "`best`, the same network with 12 epochs was evaluated on the test set (99.71 %; its soft vote 99.74 %). The "
    "validation set, not the test set, showed that more epochs are better."
)
