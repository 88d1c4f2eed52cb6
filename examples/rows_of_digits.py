"""A network that tells whole digits from pieces of them, and the rows of digits that it reads.

Run it:  python examples/rows_of_digits.py
To measure on MNIST, and make the pictures of docs/segmentation.md (rows.png and lattice.png in a folder):

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

found = digit_strings.evaluate_reader(model, pictures)
for kind in ("separate", "touching"):
    print(f"{kind} digits, rows fully right:")
    for length, rate in {**found[kind]["lengths"], "all": found[kind]["all"]}.items():
        between = f"({rate['low']:.1%} to {rate['high']:.1%})"
        print(f"  {length:>3} digits  {rate['right']:3} of {rate['n']:3}  {rate['rate']:6.1%}  {between}")
    print(f"  wrong, missing or added digits: {found[kind]['digit_error']:.2%}")

if name == "mnist":
    apart = [
        picture
        for picture in digit_strings.synthesize_strings(test, 400, seed=1, lengths=[6])
        if not any(picture.touching)
    ]
    six = digit_strings.evaluate_reader(model, apart)["separate"]["all"]
    print(f"six separate digits, {six['n']} rows more: {six['rate']:.1%} ({six['low']:.1%} to {six['high']:.1%})")

if folder:
    read = ["".join(map(str, picture.labels)) == text for picture, text in zip(pictures, found["read"], strict=True)]
    some = [i for i in range(36) if read[i]][:12] + [i for i in range(len(read)) if not read[i]][:12]
    segmentations = [digit_strings.segment(pictures[i].image, model) for i in some]
    written = ["".join(map(str, pictures[i].labels)) for i in some]
    captions = [
        text if text == one.to_reading().text else f"{text}, read as {one.to_reading().text}"
        for one, text in zip(segmentations, written, strict=True)
    ]
    sheet = digit_strings.plot_segmentations(segmentations, captions, "Rows read right, and rows read wrong", columns=2)
    plotting.save_figure(sheet, Path(folder) / "rows.png")
    one = next(i for i, picture in enumerate(pictures) if len(picture.labels) == 4 and any(picture.touching))
    plotting.save_figure(
        digit_strings.plot_lattice(
            digit_strings.segment(pictures[one].image, model), "All pieces that may be digits, from cut to cut"
        ),
        Path(folder) / "lattice.png",
    )
