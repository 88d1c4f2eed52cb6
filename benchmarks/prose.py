"""The texts of docs/benchmarks.md besides the numbers."""

HEAD = """\
# Benchmarks

The time and memory that deltarule's three engines and its peers need for the same training on the same images. Written
by `make bench` from `results/benchmarks-*.json`, which contain each measured time, and from
`src/deltarule/recipes/measured.json`; do not edit it by hand. All speeds were measured since 2026-11-30, when the
native engine came: older ones, also of another machine, belonged to code that no longer exists.

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
as deltarule's native engine it takes: for each round we divide its time by that of the native engine in the same round,
and take the median over the rounds. In the table of many sizes the processes of all contenders of a cell start first;
then they take turns epoch by epoch.

**Before** is this project at commit 83234c5, the last whose speed was published before the native engine. The benchmark
installs that commit into an environment of its own, with the versions of its `constraints.txt`, and drives it through
one file (`benchmarks/contenders/today.py`). So the ratio is measured in the same run, not remembered.

**The machine** is virtual, and its speed changes from one quarter of an hour to the next, not equally for all
contenders. So a ratio differs from round to round, and a result close to its target may miss it the next time. No
process inherits `OPENBLAS_CORETYPE` or `OPENBLAS_L2_SIZE`: the BLAS chooses its kernels itself.

**Threads**: first we tried 1, 2, 4, … threads and one for each core in turn, with short runs of each. We chose
the number with the least median time, or a smaller one within 3 % of it.

**Compiling** is not part of the time and has its own column: first with an empty cache, then again, with the compiled
program in the cache. **Memory** is the peak of the process from its start to the end of training, with the
images, the libraries and compiling; 1 MiB is 2²⁰ bytes, and 1 MB, the unit of the targets, is 10⁶ bytes.

**Not measured**: tinygrad 0.14 compiles its kernels with clang or LLVM, which no Python package brings along and this
machine does not have."""

TARGETS = """\
Targets refer to the speed **before** the native engine, measured in the same run. The target is what we require. The
stretch target is a harder one that we would like to reach. Ratios to PyTorch are goals, not requirements."""

ALONE = (
    "The accuracies are those on MNIST's 10,000 test images: mean and standard deviation over the seeds. The training "
    "time does not include compilation. The time is that of the fastest seed, since other work on the machine can "
    "only add to it; `src/deltarule/recipes/measured.json` has the times of all seeds. Unlike the tables above, it "
    "does not measure speed: the seeds of `book-conv` ran two at a time, those of `best`, `book-two-conv`, "
    "`book-relu` and `book-dropout` mostly next to other work. A seed took up to 3.6 times as long as the fastest "
    "seed of the same recipe. The seeds of `fast-99` ran one after another. `best` was chosen on the validation set, "
    "in the trials of `results/search-best.json`, all with seed 0. After this tuning it also trains on the validation "
    "set, on 60,000 images in total: its 16 epochs have about as many steps as the 19 epochs of the best trial, with "
    "50,000 images. It trained with both threads; the fastest seed is the one that had the machine to itself. Before "
    "`best`, the same network with 12 epochs was evaluated on the test set (99.71 %; its soft vote 99.74 %). The "
    "validation set, not the test set, showed that more epochs are better."
)
