"""What docs/benchmarks.md says besides the numbers."""

HEAD = """\
# Benchmarks

How long deltarule and its peers take to learn the same thing from the same images. Written by `make bench` from
`results/benchmarks-*.json`, which hold every single time; not to be edited by hand.

![Seconds per epoch of every contender, as bars](benchmarks.png)"""

METHOD = """\
## What was measured, and how

An **epoch** is one pass over the 50,000 training images of MNIST, in a new random order, in mini-batches. The images
are held as bytes; shuffling them and scaling them to floating-point numbers from 0 to 1 is inside the time. Loading,
the first weights, compiling and the accuracy on the 10,000 test images are outside it.

**Everybody does the same work**: the recipe that stands above each table, from the same first weights (but for
scikit-learn, which draws its own), for the same number of epochs; where a peer differs it is said below. The
accuracy on the test images after the last epoch shows it: mean (lowest to highest) over the rounds, each of which has
another seed. A contender that would take minutes is given fewer images, and its time multiplied: the table says so,
and has no accuracy for it.

**In turn**: a round starts one process for each contender, one after another, nothing beside it, the order turned
round in every other round. A contender's time is the median over the rounds of the median epoch of each; the *spread*
goes from the fastest to the slowest of all its epochs. The *ratio* is the median over the rounds of its time divided
by that of deltarule's JAX engine in the same round: how many times as long it takes.

**The machine's phases**: it is a virtual one, and its speed swings by half from one quarter of an hour to the next,
not for everybody alike. When deltarule's threads still shared each product, a quieter phase gave, for conv-10, 7.4 s
against 11.8 s of PyTorch, compiled: 1.5 ×, where the table has a later, slower phase. `fast-99` in rounds took 2.56,
2.75, 3.2 and 3.4 s in four phases then, and what the table of the AMD machine says since each thread takes its part.
What parts bring was measured apart, in one process. Rounds that are dated before 2026-11-22 are from before threads
took parts; those of the AMD machine are from before the phases of a pooling window shared products. On the Intel
machine `conv-10` took 8.1 s before they did, hours earlier, against 11.8 s of PyTorch, compiled (now
12.7); that its gradients are computed in their own shapes before they are exchanged has its part in it. Its five rounds
now give 1.8, 2.4, 2.9, 2.1 and 1.7 ×. Nine rounds of `fast-99` took 2.69 s, then 2.13 s with the first layer's
products shared, and 2.22 s with all of this in a phase in which PyTorch took 6.2 s in place of 4.8. The Intel
machine's convolutions were measured just before vectors of 512 bits were allowed, which changes nothing for them.

**Threads**: 1, 2, 4, … and all cores were tried first, in short runs in turn, three of each; the number with the
least median time was taken, but a smaller one where that lay within 3 % of it.

**Compiling** counts nowhere and is stated: first with an empty cache, then again, when the compiled program was in
the cache. **Memory** is the most that the process held at any moment from its start to the end of learning, the
images, the libraries and compiling included; 1 MiB is 2²⁰ bytes, and a GB, in which it is demanded, 10⁹."""

ALONE = (
    "The time is that of the quickest seed, since whatever else the machine did could only add to it; "
    "`src/deltarule/recipes/measured.json` has all of them. It is no measure of speed, as the tables above are: seeds "
    "of `best` and of `book-conv` ran two at a time, those of `book-two-conv` beside `best`, some beside other work, "
    "and took up to 3.6 times as long. Those of `fast-99` ran one after another; in a quieter hour, when its threads "
    "still shared each product, they took 2.2 to 2.5 s."
)
