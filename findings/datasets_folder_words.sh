#!/usr/bin/env bash
# Loading a folder of pictures, a folder per class, with Hugging Face's datasets ("imagefolder"), where one picture's
# name or one class has the word test, dev, val, valid or eval.
# Expected: all pictures, and the classes by their folders; parts of the data only from folders at the top.
# Observed: pictures whose path has no such word are left out without a word: of 6 files with one named test_1.png, one
# is loaded, and its class is lost. A class named "test" becomes the test set, and all other classes are gone.
# Why it matters: one file name decides what is trained on, and the labels may be gone with the rest. deltarule takes
# parts from folders at the top that hold classes, and reads every picture.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
python3 -m venv "$place/venv"
"$place/venv/bin/python" -m pip install -q --disable-pip-version-check datasets==5.2.0 pillow==13.0.0
cd "$place"
export HF_HOME="$place/cache" HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1
"$place/venv/bin/python" -W ignore - <<'PYTHON'
import sys
from pathlib import Path
import datasets
from PIL import Image

datasets.disable_progress_bars()
print("datasets", datasets.__version__)
plain = [f"{name}/{i}.png" for name in ("cat", "dog") for i in (1, 2, 3)]
folders = {"plain": plain, "a picture": [*plain[:-1], "dog/test_1.png"], "a class": [*plain, "test/1.png", "test/2.png"]}
seen = {}
for name, files in folders.items():
    for i, file in enumerate(files):
        (path := Path(name, file)).parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (4, 4), i).save(path)
    parts = datasets.load_dataset("imagefolder", data_dir=name)
    seen[name] = {part: (rows.num_rows, "label" in rows.features) for part, rows in parts.items()}
    print(f"{name}: {len(files)} files, loaded (rows, with label): {seen[name]}")
sys.exit(seen != {"plain": {"train": (6, True)}, "a picture": {"test": (1, False)}, "a class": {"test": (2, False)}})
PYTHON
