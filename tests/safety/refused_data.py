"""Invalid calls: data sets, their files, pictures, and digit strings."""

from __future__ import annotations

U, S, D = "InvalidArgument", "ShapeError", "DataError"

X = "np.zeros((3, 2, 2))"
ROW = "pictures(20)"
_WRONG_LENGTHS = ("[]", "3", "[2, 0]", "[2.0]", "[128]")

AREAS = {
    "data sets": [
        (
            D,
            "masked",
            [
                "dr.Dataset(np.ma.masked_equal(np.eye(3), 1), [0, 1, 2])",
                "dr.Dataset(np.eye(3), np.ma.masked_equal([0, 1, 2], 1))",
            ],
        ),
        (D, "y", [f"dr.Dataset({X}, np.full((3, 2), 'a'), 'mine')", f"dr.Dataset({X}, np.zeros((3, 2, 2)), 'mine')"]),
        (D, "y", [f"dr.Dataset({X}, np.array(['a', 1, None], object))", f"dr.Dataset({X}, [[0], [1, 2], [3]])"]),
        (D, "2 labels", [f"dr.Dataset({X}, np.array([0, 1]), 'mine')"]),
        (D, "NaN", [f"dr.Dataset({X}, np.array([0.0, np.nan, 1.0]), 'mine')"]),
        (D, "-2", [f"dr.Dataset({X}, np.array([-2, -1, -2]), 'mine')"]),
        (D, "x", ["dr.Dataset(None, [0, 1, 0])", "dr.Dataset(iter([[1.0], [2.0]]), [0, 1])", "dr.Dataset(3.0, [0])"]),
        (D, "x", ["dr.Dataset([[1.0, 2.0], [3.0], [4.0]], [0, 1, 0])", "dr.Dataset([['1'], ['2']], [0, 1])"]),
        (
            D,
            "x",
            ["dr.Dataset(np.array([[1.0], [None]], object), [0, 1])", "dr.Dataset(np.array([[1j], [2]]), [0, 1])"],
        ),
        (D, "example 1", ["dr.Dataset([[1.0], [np.inf], [3.0]], [0, 1, 0])"]),
        (U, "scale", [f"dr.Dataset({X}, [0, 1, 1], scale='255')"]),
        (D, "scale", [f"dr.Dataset({X}, np.array([0, 1, 1]), scale={s})" for s in ("np.inf", "np.nan", "0", "-1")]),
        (U, "encoding", [f"dr.Dataset({X}, np.array([0, 1, 1]), encoding={e})" for e in ("dr.encodings.OneHot", "3")]),
        (U, "style", [f"dr.Dataset({X}, np.array([0, 1, 1]), style='MNIST')"]),
        (U, "classes", [f"dr.Dataset({X}, np.array([0, 1, 1]), classes=3)"]),
        (U, "[1]", [f"dr.Dataset({X}, np.array([0, 1, 1]))[1]"]),
    ],
    "encodings": [
        (
            D,
            "float64",
            [
                f"dr.Dataset({X}, [0.0, 1.0, 1.0], encoding={e}).targets"
                for e in ("dr.encodings.OneHot(2)", "dr.encodings.Bits(2)")
            ],
        ),
        (
            D,
            "bool",
            [
                f"dr.Dataset({X}, [True] * 3, encoding={e}).targets"
                for e in ("dr.encodings.OneHot(2)", "dr.encodings.Bits(2)")
            ],
        ),
        (D, "whole", [f"dr.Dataset({X}, {y}).targets" for y in ("[0.0, 1.0, 1.0]", "[0.0, 0.5, 1.0]")]),
        (D, "without a gap", ["dr.encodings.OneHot(10**18).encode(np.array([0, 10**12, 1]))"]),
        (
            D,
            "label at position 1",
            [f"dr.Dataset({X}, np.array([0, 2, 1]), encoding=dr.encodings.OneHot(2)).targets"],
        ),
        (D, "2 bits", [f"dr.Dataset({X}, np.array([0, 4, 1]), encoding=dr.encodings.Bits(2)).targets"]),
        (D, "(9,)", ["dr.data.with_shifts(dr.Dataset(np.zeros((2, 9)), np.array([0, 1])))"]),
        (D, "(1, 9)", ["dr.data.with_shifts(dr.Dataset(np.zeros((2, 1, 9)), np.array([0, 1])))"]),
        (U, "pixels", [f"dr.data.with_shifts(train, {n})" for n in ("0", "-1", "1.5", "True", "'1'")]),
        (D, "more than 4 pixels", ["dr.data.build_training_set(train, validation, shifts=4)"]),
    ],
    "sources of data": [
        (D, "DELTARULE_DATA", ["with_env('DELTARULE_DATA', 'mistyped', lambda: dr.data.load('mnist'))"]),
        (D, "DELTARULE_OFFLINE", ["dr.data.load('mnist')"]),
        (U, "DELTARULE_MIRRORS", ["with_env('DELTARULE_MIRRORS', '/a', at('data.download').mirrors_from_environment)"]),
        (D, "t10k-labels-idx1-ubyte", ["mnist_files() and dr.data.load('mnist', str(path('')))"]),
        (U, "''", ["dr.data.load('')", "dr.data.find('auto', '')"]),
        (U, "None", ["dr.data.find(None)"]),
        (U, "mnist", ["dr.data.find(Path('mnist'))", "dr.data.find('mnits')", "dr.data.find('mnits', 'here')"]),
        (U, "/nowhere/pictures", ["dr.data.load('/nowhere/pictures')"]),
        (U, "mine.npz", ["dr.data.load('mine.npz')"]),
        (U, "path", ["dr.data.load('digits', 'here')"]),
        (U, "size", ["dr.data.load('mnist', None, (8, 8))", "dr.data.load('digits', None, (8, 8))"]),
        (D, "/nowhere/at/all", ["dr.data.load('auto', '/nowhere/at/all')"]),
        (D, "MNIST", ["dr.data.load('mnist', str(path('')))"]),
        (D, "t10k-labels-idx1-ubyte", ["text('train-labels-idx1-ubyte') and dr.data.load('mnist', str(path('')))"]),
    ],
    "tables": [
        (D, "without rows", ["csv('')", "csv('\\n\\n')"]),
        (D, "rows below the heading", ["csv('label,a,b\\n')"]),
        (D, "my.csv, line 1", ["csv('y,\"a,b\\n0,1,2\\n')", "csv('\"0,1,2\\n0,1,2\\n')"]),
        (D, "my.csv, line 2", [f"csv({t!r})" for t in ("0,1,2\n1,2\n", "0,1,2\n1,,3\n", "one,2,3\n ,2,3\n")]),
        (D, "my.csv, lines 3 (b), 5 (b)", ["csv('y,a,b\\n' + '0,1,2\\n1,2,nan\\n' * 9)"]),
        (D, 'missing="median"', ["csv('y,a,b\\n' + '0,1,2\\n1,2,nan\\n' * 9)"]),
        (D, "my.csv, line 1", ["csv('a,1.5,?\\n' + 'b,2.5,1\\n' * 15)"]),
        (D, "input column", ["csv('1\\n0\\n')"]),
        (
            D,
            "my.csv",
            [r"csv(b'\x89PNG\r\n\x1a\n\xff\xfe\x00')", r"csv(b'0,1\n1,\x002\n')", "csv('0,' + '1' * 200_000)"],
        ),
        (D, "size", ["csv('0,1\\n', size=(8, 8))"]),
        (D, "my.mat", ["dr.data.load(str(text('my.mat', 'MATLAB')))"]),
    ],
    "arrays": [
        (
            D,
            "y",
            [
                f"npz(x=np.zeros((42, 2, 2)), y={y})"
                for y in ("np.full(42, -1)", "np.full(42, 0.5)", "np.full(42, np.nan)")
            ],
        ),
        (D, "41 labels", ["npz(x=np.zeros((42, 2, 2)), y=np.arange(41) % 3)"]),
        (D, "different labels", ["npz(x=np.zeros((42, 2, 2)), y=np.zeros(42, int))"]),
        (D, "missing values", ["npz(x=np.full((42, 2), np.nan), y=np.arange(42) % 3)"]),
        (D, "example 0", ["npz(x=np.full((42, 2, 2), np.nan), y=np.arange(42) % 3)"]),
        (D, "x", ["npz(x=np.zeros((42, 2)) * 1j, y=np.arange(42) % 3)"]),
        (D, "weights", ["npz(weights=np.zeros((42, 2)), biases=np.arange(42) % 3)"]),
        (
            D,
            "label",
            ["np.savez(path('a.npz'), x=np.eye(9), y=np.arange(9)) or dr.data.load(str(path('a.npz')), label='y')"],
        ),
        (
            D,
            "part 'test'",
            ["npz(x_train=np.zeros((42, 2)), y_train=np.arange(42), x_test=np.zeros((9, 3)), y_test=np.arange(9))"],
        ),
        (D, "pickled", ["npz(x=np.zeros((42, 2)), y=np.array([{}] * 42, object))"]),
        (
            D,
            "my.npz",
            ["dr.data.load(str(text('my.npz', 'no archive')))", r"dr.data.load(str(text('my.npz', b'PK\x03\x04')))"],
        ),
    ],
    "folders of pictures": [
        (
            U,
            "whole numbers",
            [f"shapes(size={s})" for s in ("28", "(0, 0)", "(4.5, 4)", "(4, 4, 3)", "'44'", "(True, 4)")],
        ),
        (D, "30000×30000", ["shapes(size=(30_000, 30_000))"]),
        (D, "notes.png", ["shapes('1/notes.png')"]),
        (D, "deeper", ["png('shapes/1/deeper/x.png') and shapes()"]),
        (D, "12×10", ["png('shapes/1/other.png', (12, 10)) and shapes()"]),
        (D, "sub-folder", ["dr.data.load(str(path('')))", "png('one/only/x.png') and dr.data.load(str(path('one')))"]),
        (D, "got 2", ["png('few/a/1.png') and png('few/b/1.png') and dr.data.load(str(path('few')))"]),
    ],
    "pictures": [
        (D, "cut.png", ["dr.data.prepare(text('cut.png', png('x.png', (60, 50)).read_bytes()[:60]))"]),
        (
            D,
            "ink",
            ["dr.data.prepare(np.zeros((100, 80), np.uint8))", "dr.data.prepare(np.full((100, 80), 255, np.uint8))"],
        ),
        (D, "1×1", ["dr.data.prepare(np.zeros((1, 1), np.uint8))"]),
        (D, "3000×20", ["dr.data.prepare(np.zeros((3000, 20), np.uint8))"]),
        (D, "shape", ["dr.data.prepare(np.zeros((0, 5), np.uint8))", "dr.data.prepare(np.zeros((5, 5, 2), np.uint8))"]),
        (D, "NaN", ["dr.data.prepare(np.full((9, 9), np.nan))"]),
        (
            D,
            "picture",
            [f"dr.data.prepare({p})" for p in ("np.full((9, 9), 'ink')", "[[0, 255]]", "None", "b'photo.png'")],
        ),
        (D, "blank.png", ["dr.data.prepare(png('blank.png', (100, 80)))"]),
        (D, "page.html", ["dr.data.prepare(text('page.html', '<html>'))"]),
        (D, "absent.png", ["dr.data.prepare(path('absent.png'))"]),
        (
            U,
            "shape",
            [f"dr.data.prepare(np.eye(40) * 255, shape={s})" for s in ("(3, 28)", "(28,)", "28", "(28.0, 28.0)")],
        ),
        (U, "top", [f"dr.data.prepare(np.eye(40) * 255, top={t})" for t in ("0", "256", "'255'")]),
        (U, "fill", ["photo.Style(fill=1.2)"]),
    ],
    "IDX files": [
        (
            D,
            "train.idx",
            ["idx.parse_idx(gzip.compress(idx.write_idx(np.zeros((2, 3), np.uint8)))[:-8] + bytes(8), 'train.idx')"],
        ),
        (
            D,
            "train.idx",
            [
                f"idx.parse_idx({c}, 'train.idx')"
                for c in (
                    "b'<html>'",
                    r"b'\0\0\x0d\x01' + bytes(8)",
                    r"b'\0\0\x08\x05' + bytes(20)",
                    r"b'\0\0\x08\x01\0\0'",
                    r"b'\0\0\x08\x02\0\0\0\0\0\0\0\x09'",
                    r"b'\0\0\x08\x01\0\0\0\x05abc'",
                    r"b'\0\0\x08\x01\0\0\0\x02abc'",
                    r"b'\0\0\x08\x01\xff\xff\xff\xff'",
                    r"b'\x1f\x8b'",
                    "b''",
                )
            ],
        ),
        (D, "absent", ["idx.read_idx(path('absent'))"]),
        (
            D,
            "array",
            [
                f"idx.write_idx({a})"
                for a in (
                    "np.zeros(3, np.int8)",
                    "np.zeros((2, 0), np.uint8)",
                    "np.asarray(np.uint8(3))",
                    "np.zeros((1,) * 5, np.uint8)",
                )
            ],
        ),
    ],
    "digit strings": [
        (D, "2 rows", ["digit_strings.read_string(two_rows(), model())"]),
        (D, "images", ["digit_strings.synthesize_strings(high_or_low(), 8)"]),
        (
            D,
            "digits",
            ["digit_strings.read_string(np.pad(np.zeros((80, 540), 'u1'), (120, 30), constant_values=255), model())"],
        ),
        (U, "x", ["digit_strings.synthesize_strings(flat, 1)", "digit_strings.train_reader(flat)"]),
        (U, "n", ["digit_strings.synthesize_strings(train, -1)"]),
        (
            U,
            "seed",
            ["digit_strings.synthesize_strings(train, 1, seed=-1)", "digit_strings.train_reader(train, seed=-1)"],
        ),
        (
            U,
            "lengths",
            [
                f"digit_strings.synthesize_strings(train, 1, lengths={n})"
                for n in ("[]", "3", "[2, 0]", "[2.0]", "[128]")
            ],
        ),
        (D, "ink", ["digit_strings.synthesize_strings(dr.Dataset(np.zeros((4, 6, 6)), np.arange(4)), 1)"]),
        (U, "x", ["digit_strings.synthesize_strings(train.take(slice(0)), 1)"]),
        (U, "n_rows", ["digit_strings.train_reader(train, n_rows=0)"]),
        (U, "members", ["digit_strings.train_reader(train, members=0)"]),
        (U, "OneVsRest", ["digit_strings.train_reader(replace(train, encoding=dr.encodings.OneVsRest(2)))"]),
        (S, "(16,)", ["digit_strings.read_string(np.eye(40) * 255, fit(train=flat))"]),
        (
            U,
            "OneVsRest",
            ["digit_strings.read_string(np.eye(40), fit(net(16, 1), replace(train, encoding=dr.data.OneVsRest(2))))"],
        ),
        (D, "empty.png", ["digit_strings.read_string(png('empty.png', (80, 300)), model())"]),
        (D, "missing.png", ["digit_strings.read_string(path('missing.png'), model())"]),
        (D, "wide", ["digit_strings.read_string(np.pad(np.full((6, 860), 255, np.uint8), 20), model())"]),
        (U, "segmentations", ["digit_strings.plot_segmentations([], [])"]),
    ],
}
"""Area -> rows of (kind of error, word of its message, calls)."""
