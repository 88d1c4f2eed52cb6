"""Evaluate a network that distinguishes whole digits from pieces of digits on rows of digits.

Run it:  python examples/rows_of_digits.py
To evaluate on MNIST, and draw the figures of docs/segmentation.md (rows.png and lattice.png in a folder):

    python examples/rows_of_digits.py mnist docs/segmentation
"""

import sys
from pathlib import Path

import deltarule as dr
from deltarule import digit_strings, plotting
from deltarule.core.activations import ReLU
from deltarule.recipes import Output, Recipe

name, folder = sys.argv[1:] or ("digits", None)
train, validation, test = dr.data.load(name)
if name == "mnist":
    model = digit_strings.load_reader()
    pictures = digit_strings.synthesize_strings(test, 500)
else:
    training = dr.Training(eta=0.005, optimizer=dr.Adam(), epochs=5, batch_size=32)
    plan = Recipe([dr.Dense(100), ReLU(), Output()], dr.LogLikelihood(), training)
    model = digit_strings.train_reader(train, n_rows=200, plan=plan)
    pictures = digit_strings.synthesize_strings(test, 12, lengths=(2, 3, 4))

results = digit_strings.evaluate_reader(model, pictures)
for kind in ("separate", "touching"):
    print(f"{kind} digits, rows with every digit right:")
    for length, rate in {**results[kind]["lengths"], "all": results[kind]["all"]}.items():
        interval = f"({rate['low']:.1%} to {rate['high']:.1%})"
        print(f"  {length:>3} digits  {rate['right']:3} of {rate['n']:3}  {rate['rate']:6.1%}  {interval}")
    print(f"  wrong, missing or added digits: {results[kind]['digit_error']:.2%}")

if name == "mnist":
    separate = [
        picture
        for picture in digit_strings.synthesize_strings(test, 400, seed=1, lengths=[6])
        if not any(picture.touching)
    ]
    six = digit_strings.evaluate_reader(model, separate)["separate"]["all"]
    print(f"six separate digits, {six['n']} more rows: {six['rate']:.1%} ({six['low']:.1%} to {six['high']:.1%})")

if folder:
    labels = ["".join(map(str, picture.labels)) for picture in pictures]
    right = [label == text for label, text in zip(labels, results["read"], strict=True)]
    indices = range(len(right))
    selection = [i for i in indices if right[i]][:12] + [i for i in indices if not right[i]][:12]
    segmentations = [digit_strings.segment(pictures[i].image, model) for i in selection]
    captions = [
        labels[i] if right[i] else f"{labels[i]}, read as {one.to_reading().text}"
        for i, one in zip(selection, segmentations, strict=True)
    ]
    sheet = digit_strings.plot_segmentations(segmentations, captions, "Rows read right, and rows read wrong", columns=2)
    plotting.save_figure(sheet, Path(folder) / "rows.png")
    example = next(picture for picture in pictures if len(picture.labels) == 4 and any(picture.touching))
    plotting.save_figure(
        digit_strings.plot_lattice(
            digit_strings.segment(example.image, model), "All pieces that may be digits, from cut to cut"
        ),
        Path(folder) / "lattice.png",
    )
