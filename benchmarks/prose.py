"""What docs/benchmarks.md says besides the numbers."""

HEAD = """\
# Benchmarks

How long deltarule and its peers take to learn the same thing from the same images. Written by `make bench` from
`benchmarks-*.json`, `many-*.json` and `parts-*.json` in `results`, which hold every single time, and from
`src/deltarule/recipes/measured.json`; not to be edited by hand.

![Seconds per epoch of every contender, as bars](benchmarks.png)"""

METHOD = """\
## What was measured, and how

An **epoch** is one pass over the 50,000 training images of MNIST (over 250,000 where they are expanded), in a new
random order, in mini-batches. The images are held as bytes; shuffling them and scaling them to floating-point numbers
from 0 to 1 is inside the time. Loading, the first weights, compiling and the accuracy on the 10,000 test images are
outside it.

**Everybody does the same work**: the recipe that stands above each table, from the same first weights (but for
scikit-learn, which draws its own), for the same number of epochs; where a peer differs it is said below. The
accuracy on the test images after the last epoch shows it: mean (lowest to highest) over the rounds, each of which has
another seed. A contender that would take minutes is given fewer images, and its time multiplied: the table says so,
and has no accuracy for it.

**In turn**: a round starts one process for each contender, one after another, and nothing else, the order turned
round in every other round. A contender's time is the median over the rounds of the median epoch of each; the *spread*
goes from the fastest to the slowest of all its epochs. The *ratio* is the median over the rounds of its time divided
by that of deltarule's JAX engine in the same round: how many times as long it takes.

**The machines' phases**: both are virtual, and their speed swings by half from one quarter of an hour to the next, not
for everybody alike. So a ratio differs from round to round, as in the nine rounds of `conv-10` on the Intel machine,
which gave 1.8 to 2.6 × beside PyTorch, compiled; and a figure near to what is asked for may fall on the other side of
it the next time: five rounds hours before them had a median of 2.1 × (1.8, 2.4, 2.9, 2.1 and 1.7), these have 2.3 ×.

**Not everything was measured with the code as it is now**, each job with that of its date:

- Rounds that are dated before 2026-11-22 are from before threads took parts of the mini-batch; they shared each
  product. With that code an earlier, quieter phase of the AMD machine gave 7.4 s for `conv-10` against 11.8 s of
  PyTorch, compiled: 1.5 ×, where the table has a later, slower phase; and `fast-99` took 2.56, 2.75, 3.2 and 3.4 s in
  four phases, where the table has 3.35 s. So these rounds do not show what parts bring; that was measured apart, in
  one process: what 2 threads gain, above.
- All rounds on the AMD machine are from before the places of a pooling window shared their products. On the Intel
  machine `conv-10` took 8.1 s before that, against 11.8 s of PyTorch, compiled, then 6.1 s against 12.7 s, and at
  last 4.9 s against 10.8 s; that gradients are computed in their own shapes before threads exchange them has its part
  in it. Nine rounds of `fast-99` took 2.69 s there, then 2.13 s with the first layer's products shared, and 2.22 s
  with all of this, in a phase in which PyTorch took 6.2 s in place of 4.8 s.
- `conv-100` and `fast-99` on the Intel machine were measured just before vectors of 512 bits were allowed. In one
  process, in turn, these left `conv-10` as it was, and made `fast-99` 0.97 to 1.04 times as fast.
- On the AMD machine Keras was not measured on the dense networks, and for `conv-100` each number of threads was tried
  once. The load averages tell which jobs began on a machine that had just been busy otherwise.

**Threads**: 1, 2, 4, … and all cores were tried first, in short runs in turn, three of each; the number with the
least median time was taken, but a smaller one where that lay within 3 % of it.

**Compiling** counts nowhere and is stated: first with an empty cache, then again, when the compiled program was in
the cache. **Memory** is the most that the process held at any moment from its start to the end of learning, the
images, the libraries and compiling included; 1 MiB is 2²⁰ bytes, and a GB, in which it is demanded, 10⁹."""

ALONE = (
    "The time is that of the quickest seed, since whatever else the machine did could only add to it; "
    "`src/deltarule/recipes/measured.json` has all of them. It is no measure of speed, as the tables above are: seeds "
    "of `book-conv` ran two at a time, those of `best`, `book-two-conv`, `book-relu` and `book-dropout` mostly beside "
    "other work, and took up to 3.6 times as long. Those of `fast-99` ran one after another; in a quieter hour, when "
    "its threads still shared each product, they took 2.2 to 2.5 s. `best` was chosen by the validation images, in "
    "the trials of `results/search-best.json`, of seed 0; with nothing left to choose it then learns from these as "
    "well, from 60,000 images in all, in as many steps. It learned by both threads; the quickest seed is the one that "
    "had the machine to itself. The same network with 12 epochs read the test images before it (99.71 %, its soft "
    "vote 99.74 %); that more epochs are better was found on the validation images."
)
