"""Pictures prepared as the training images of a model were: size, ink, polarity and units."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from itertools import compress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from deltarule.data.dataset import Dataset
from deltarule.data.encodings import OneHot
from deltarule.data.error_context import reading
from deltarule.data.grayscale import read_alike, resize
from deltarule.data.photo import prepare
from deltarule.data.phrases import elide
from deltarule.data.picture_names import find_part, is_debris
from deltarule.errors import DataError, ShapeError
from deltarule.preprocessing.preprocessing import Preprocessing

if TYPE_CHECKING:
    from PIL.Image import Image

    from deltarule.data.images import PictureFolder
    from deltarule.data.picture_files import PictureFiles


def prepare_picture(
    picture: str | os.PathLike[str] | Image | np.ndarray, preprocessing: Preprocessing, find_ink: bool | None = None
) -> np.ndarray:
    """Prepare a picture as a raw example of a model: in the shape and the units of its training images.

    Args:
        picture: A file, a Pillow image or an array.
        preprocessing: The preprocessing of the model.
        find_ink: True to find the ink, centre it in the model's style and paint it dark or light as in the training
            images; False to resize only. None does the first for a model whose training images have a style, such as
            MNIST, and the second for others. Colour pictures are only resized.

    Raises:
        ShapeError: If the model does not take pictures.
        DataError: If ``picture`` is no picture, or has no ink.

    >>> from deltarule.data.encodings import OneHot
    >>> from deltarule.preprocessing import Scaling
    >>> own = Preprocessing(OneHot(2), Scaling(1.0), example_shape=(1, 2))
    >>> prepare_picture(np.array([[0, 255], [0, 255]], np.uint8), own).tolist()
    [[0.0, 1.0]]
    """
    return convert_units(_prepare_bytes(picture, preprocessing, find_ink), preprocessing)


def read_pictures_for(
    preprocessing: Preprocessing,
    folder: str | os.PathLike[str],
    find_ink: bool | None = None,
    skip_damaged: bool = False,
    test: str | os.PathLike[str] = "",
) -> PictureFolder:
    """Read a folder of pictures of any size for a model, each prepared by :func:`prepare_picture`.

    The sub-folders are the classes, matched by name to those of the model; classes without pictures do no harm.

    Args:
        preprocessing: The preprocessing of the model, ``model.preprocessing``.
        folder: The folder. If it has the parts ``training`` and ``testing``, all are read.
        find_ink: As in :func:`prepare_picture`.
        skip_damaged: True to leave out pictures that cannot be read or have no ink, and count them in the notes.
        test: Another folder, whose pictures are the test set; "" for none.

    Returns:
        A PictureFolder with ``data``, a :class:`~deltarule.data.Dataset` with the classes of the model, ``found.files``
        and ``notes`` about what was done.

    Raises:
        ShapeError: If the model does not take pictures.
        DataError: With the path, for a class that the model does not know, and a picture that cannot be prepared.

    >>> import tempfile
    >>> from PIL import Image
    >>> import deltarule as dr
    >>> test = dr.data.load("digits")[2]
    >>> fitted = Preprocessing.fit(test)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in "37":
    ...         Path(folder, name).mkdir()
    ...         page = np.kron(255 - test.x[test.y == int(name)][0] * 15, np.ones((9, 9)))
    ...         Image.fromarray(np.pad(page, 20, constant_values=255).astype(np.uint8)).save(f"{folder}/{name}/1.png")
    ...     own = read_pictures_for(fitted, folder)
    >>> own.data.x.shape, own.data.y.tolist()
    ((2, 8, 8), [3, 7])
    """
    from deltarule.data.images import PictureFolder, add_test, list_doubts
    from deltarule.data.picture_files import PictureFiles, find_picture_files
    from deltarule.data.picture_reading import read_pictures

    _check_takes_pictures(preprocessing)
    place = Path(folder).expanduser()
    with reading(place):
        found = find_picture_files(enter_test_part(place), least=1)
        found = add_test(found, test) if test else found
    classes = name_classes(preprocessing)
    codes = _match_folders(place, found, classes)
    read = partial(_prepare_bytes, preprocessing=preprocessing, find_ink=find_ink)
    x, kept, notes = read_pictures(found.files, read, skip_damaged)
    files, parts = tuple(compress(found.files, kept)), tuple(compress(found.parts, kept))
    read_files = PictureFiles(files, codes[found.labels[kept]], classes, parts, found.notes)
    scale, style = preprocessing.scale, preprocessing.style
    own = Dataset(convert_units(x, preprocessing), read_files.labels, place.name, scale, classes, style=style)
    notes = (*found.notes, *notes, describe_preparation(preprocessing, find_ink))
    doubts, identical = list_doubts(own, read_files)
    return PictureFolder(own, read_files, notes, tuple(doubts), identical)


def holds_pictures(folder: Path) -> bool:
    """Check whether a path is a folder with a sub-folder of pictures for each class."""
    if not folder.is_dir():
        return False
    from deltarule.data.picture_files import find_picture_files

    try:
        return bool(find_picture_files(enter_test_part(folder), least=1).files)
    except (DataError, OSError):
        return False


def takes_pictures(preprocessing: Preprocessing) -> bool:
    """Check whether a model takes grey or colour pictures; one of a table does if its columns are pixels."""
    shape = preprocessing.example_shape
    return len(shape) == 2 or (len(shape) == 3 and shape[2] in (1, 3))


def describe_preparation(preprocessing: Preprocessing, find_ink: bool | None = None) -> str:
    """Describe in a sentence the preparation of pictures for a model."""
    size = "×".join(map(str, preprocessing.example_shape[:2]))
    if not _finds_ink(preprocessing, find_ink):
        return f"each picture is resized to {size}, as the model takes them"
    ink = "dark ink on light" if preprocessing.is_dark_on_light else "light ink on dark"
    return f"in each picture the ink is found, centred in {size}, and painted as {ink}, as in the training images"


def convert_units(pictures: np.ndarray, preprocessing: Preprocessing) -> np.ndarray:
    """Convert bytes to the units of the training images; bytes stay bytes if these are."""
    unit = np.float32(preprocessing.scale / 255)
    return pictures if unit == 1 else np.asarray(pictures * unit)


def name_classes(preprocessing: Preprocessing) -> tuple[str, ...]:
    """Return the names of a model's classes; their numbers if they have no names."""
    if preprocessing.classes or not isinstance(preprocessing.encoding, OneHot):
        return preprocessing.classes
    return tuple(map(str, range(preprocessing.encoding.n_out)))


def _check_takes_pictures(preprocessing: Preprocessing) -> None:
    """Raise :class:`ShapeError` for a model that does not take grey or colour pictures."""
    if not takes_pictures(preprocessing):
        raise ShapeError(f"this model predicts examples of shape {preprocessing.example_shape}, not pictures")


def _prepare_bytes(
    picture: str | os.PathLike[str] | Image | np.ndarray, preprocessing: Preprocessing, find_ink: bool | None = None
) -> np.ndarray:
    """Prepare a picture in the shape and polarity of the training images, uint8 from 0 to 255."""
    _check_takes_pictures(preprocessing)
    shape = preprocessing.example_shape
    height, width = shape[:2]
    if _finds_ink(preprocessing, find_ink):
        ink = prepare(picture, (height, width), style=preprocessing.style)
        painted = 255 - ink if preprocessing.is_dark_on_light else ink
        return painted.reshape(shape)
    is_colour = shape[2:] == (3,)
    values = read_alike(picture, is_colour, preprocessing.greys)
    if not is_colour:
        return resize(values, (height, width)).reshape(shape)
    return np.stack([resize(values[:, :, i], (height, width)) for i in range(3)], axis=-1)


def _finds_ink(preprocessing: Preprocessing, find_ink: bool | None) -> bool:
    if preprocessing.example_shape[2:] == (3,):
        return False
    return find_ink if find_ink is not None else preprocessing.style is not None


def enter_test_part(folder: Path) -> Path:
    """Return the folder of the test set, if a folder has no other with classes in it; otherwise the folder itself."""
    below = [path for path in folder.iterdir() if path.is_dir() and not is_debris(path.name)]
    is_alone = len(below) == 1 and find_part(below[0].name) == "test"
    return below[0] if is_alone and any(path.is_dir() for path in below[0].iterdir()) else folder


def _match_folders(folder: Path, found: PictureFiles, classes: Sequence[str]) -> np.ndarray:
    """Return the model's class of each class of a folder. Raises :class:`DataError` for one that it does not know."""
    from deltarule.data.label_matching import match_names

    codes = np.array(match_names(found.classes, classes), np.int64)
    if (codes >= 0).all():
        return codes
    unknown = [name for name, code in zip(found.classes, codes, strict=True) if code < 0]
    raise DataError(
        f"expected folders with the names of the model's classes ({elide(classes, 10)}), got {elide(unknown, 5)}",
        argument="classes",
        path=folder,
        value=unknown[0],
        remedy="rename these folders, take them out, or train a model on data with these classes",
    )
