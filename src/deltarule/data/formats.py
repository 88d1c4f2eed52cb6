"""The format of a data set on disk, in words."""

from __future__ import annotations

from pathlib import Path

from deltarule.data.emnist import is_emnist_mat
from deltarule.data.file_sets import find_file_set
from deltarule.data.idx import peek_header
from deltarule.data.libsvm import is_libsvm
from deltarule.data.parquet_parts import find_parquet_parts
from deltarule.data.pickle_parts import is_pickle
from deltarule.data.picture_table import find_picture_column

_BY_SUFFIX = {
    ".npz": "a NumPy file of arrays",
    ".npy": "a NumPy file of one array",
    ".mat": "a MATLAB file",
    ".h5": "an HDF5 file",
    ".hdf5": "an HDF5 file",
    ".parquet": "a Parquet table",
    ".pq": "a Parquet table",
    ".arrow": "an Arrow table",
    ".feather": "an Arrow table",
    ".arff": "an ARFF table",
    ".xlsx": "an Excel table",
    ".xlsm": "an Excel table",
    ".libsvm": "a LIBSVM table",
    ".svm": "a LIBSVM table",
    ".svmlight": "a LIBSVM table",
}


def name_format(path: Path) -> str:
    """Name the format of a file or folder that has been read as data.

    >>> name_format(Path("iris.arff")), name_format(Path("mnist.pkl.gz")), name_format(Path("iris.csv.gz"))
    ('an ARFF table', 'a pickle of arrays', 'a table of text')
    """
    if path.exists() and (found := find_file_set(path)) is not None:
        is_idx = peek_header(next(iter(found.pairs.values()))[0]) is not None
        return "IDX files" if is_idx else "NumPy files of one array each"
    if path.is_dir():
        return "Parquet files with pictures" if find_parquet_parts(path) else "pictures in folders, one for each class"
    if is_pickle(path):
        return "a pickle of arrays"
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    if suffix in (".parquet", ".pq") and path.exists() and find_picture_column(path):
        return "a Parquet file with pictures"
    if suffix == ".mat" and path.exists() and is_emnist_mat(path):
        return "EMNIST's MATLAB file"
    if suffix not in _BY_SUFFIX and path.exists() and is_libsvm(path):
        return "a LIBSVM table"
    return _BY_SUFFIX.get(suffix, "a table of text")
