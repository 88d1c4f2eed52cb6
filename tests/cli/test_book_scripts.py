"""deltarule book with readers' scripts: modules and lines for Theano, Python 2, arguments of the other programs."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from deltarule.book import importer
from deltarule.book.theano_stand_in import ROOTS

from .test_book import script
from .test_book_shell import run_shell

__all__ = ["script"]

PORT = """\
import numpy as np
import theano
import theano.tensor as T

class Network(object):
    pass

class Mine(object):
    pass
"""
"""A port of network3 to Python 3 that needs Theano."""


@pytest.mark.parametrize("text", [PORT, PORT.replace("theano", "pytensor"), "if 1:\n    import aesara\n"])
def test_a_network3_that_needs_theano_is_replaced(deltarule, script, text):
    path = script(text, "network3.py")
    ran = deltarule("book", script("import network3\nfrom network3 import Network\nprint(network3.__name__)"))
    assert (ran.code, ran.out) == (0, "deltarule.book.network3\n")
    note = f"note: {path} needs Theano, which is not installed; deltarule's own network3 is used in its place"
    assert ran.err == note + (", without Mine\n" if "Mine" in text else "\n")


@pytest.mark.parametrize("text", ["try:\n    import theano\nexcept ImportError:\n    pass\n", "'import theano'\n"])
def test_a_network3_that_runs_without_theano_stays_in_use(deltarule, script, text):
    script(f"{text}mine = 7\n", "network3.py")
    ran = deltarule("book", script("import network3\nprint(network3.mine)"))
    assert (ran.code, ran.out, ran.err) == (0, "7\n", "")


def test_a_script_that_imports_a_definition_with_theano_gets_one_message(deltarule, script):
    path = script(PORT + "\nclass Other(object):\n    pass\n", "network3.py")
    main = script("import numpy\nfrom network3 import Network, Mine\n")
    ran = deltarule("book", main)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        f"{main}, line 2: MissingDefinition: {path} defines Mine, but needs Theano, which is not installed, "
        "and deltarule's network3 lacks it; write Mine with numpy or a layer of your own (docs/own-layers.md), "
        "in another file\n"
    )


def test_a_script_may_catch_the_import_of_a_definition_with_theano(deltarule, script):
    script(PORT, "network3.py")
    ran = deltarule("book", script("try:\n    from network3 import Mine\nexcept ImportError:\n    print('none')\n"))
    assert (ran.code, ran.out) == (0, "none\n")


@pytest.mark.parametrize(
    "text", ["import network3\nnetwork3.Mine()", "import borrower", "import network3 as n3\nfrom borrower import Mine"]
)
def test_a_use_of_a_definition_with_theano_says_so(deltarule, script, text):
    path = script(PORT, "network3.py")
    script("from network3 import Mine", "borrower.py")
    ran = deltarule("book", script(text))
    assert ran.code == 1
    last = ran.err.splitlines()[-1]
    assert f"{path} defines Mine, but needs Theano, which is not installed" in last
    assert last.endswith("write Mine with numpy or a layer of your own (docs/own-layers.md), in another file")


def test_a_network3_is_used_where_theano_is_installed(deltarule, script):
    script("theano = 'here'", "lib/theano.py")
    script("import theano\nmine = theano.theano\n", "network3.py")
    ran = deltarule("book", script("import sys\nsys.path.append('lib')\nimport network3\nprint(network3.mine)"))
    del sys.modules["theano"]
    assert (ran.code, ran.out, ran.err) == (0, "here\n", "")


READER = """\
import numpy as np
import {0}
import {0}.tensor as T
from {0}.tensor.nnet import conv
import network3
from network3 import Network, FullyConnectedLayer, SoftmaxLayer

{0}.config.floatX = "float32"
rng = np.random.RandomState(0)
x = {0}.shared(np.asarray(rng.rand(20, 4), dtype={0}.config.floatX), borrow=True)
y = T.cast({0}.shared(np.arange(20) % 3), "int32")
net = Network([FullyConnectedLayer(n_in=4, n_out=5, activation_fn=T.tanh), SoftmaxLayer(n_in=5, n_out=3)], 10)
net.SGD((x, y), 1, 10, 0.1, (x, y), (x, y))
print(network3.size((x, y)), x.get_value(borrow=True).shape, y.eval()[:4].tolist(), net.params[0].eval().shape)
"""


@pytest.mark.parametrize("root", ROOTS)
def test_a_script_with_theano_beside_network3_runs(deltarule, script, root):
    ran = deltarule("book", script(READER.format(root)))
    assert ran.code == 0
    assert ran.out.endswith("20 (20, 4) [0, 1, 2, 0] (4, 5)\n")
    assert ran.err == f"note: {root} is not installed; a stand-in is used, which deltarule's network3 accepts\n"
    assert not [name for name in sys.modules if name.partition(".")[0] in ROOTS]


def test_the_lines_that_need_theano_are_listed_before_the_run(deltarule, script):
    ending = "i = T.lscalar()\nf = theano.function([i], net.layers[-1].y_out)\nm = T.mean(T.eq(x, x))\n"
    path = script(READER.format("theano") + ending)
    ran = deltarule("book", path)
    assert ran.code == 1
    listed = [line for line in ran.err.splitlines() if "needs Theano:" in line]
    assert [line.split(":  ")[0].removeprefix(f"{path}, ") for line in listed] == [
        f"line {n} needs Theano" for n in (15, 16, 17, 17)
    ]
    assert "theano.tensor.lscalar: leave it out" in listed[0]
    assert "net.predict(test_data)" in listed[1]
    assert "write numpy.equal" in listed[2]
    assert "write numpy.mean" in listed[3]
    assert ran.err.splitlines()[-1].startswith(f"{path}, line 15: TheanoName: theano.tensor.lscalar: expected a name")


def test_theano_without_network3_is_an_error(deltarule, script):
    ran = deltarule("book", script("import theano"))
    assert ran.code == 1
    assert "No module named 'theano': the network3 of deltarule needs no Theano" in ran.err


def test_the_shell_has_a_stand_in_after_network3(monkeypatch, capsys):
    lines = ("import theano", "import network3", "import theano.tensor as T", "T.tanh is network3.tanh")
    shown = run_shell(*lines, monkeypatch=monkeypatch, capsys=capsys)
    assert shown.out == "True\n"
    assert "ModuleNotFoundError: No module named 'theano'" in shown.err
    assert "note: theano is not installed" in shown.err


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("from network3 import dropout_layer", "give p_dropout to the layer"),
        ("import network3\nnetwork3.shifted_sig", "write activation_fn=deltarule.ShiftedSigmoid()"),
        ("import network2\nnetwork2.Network([2, 2]).SGD([], 1, 1, 1.0, es=3)", "network2 early_stopping_n"),
        ("import network\nnetwork.Network([2, 2]).SGD([], 1, 1, 1.0, mu=0.9)", "optimizer=deltarule.Momentum(0.9)"),
        ("import network\nnetwork.Network([2, 2]).SGD([1], 3 / 1, 1, 1.0)", "write // in place of /"),
        ("range(10 / 2)", "write // to divide whole numbers"),
        ("x = [1, 2]\nx[4 / 4]", "write // to divide whole numbers"),
        ("import json, numpy\njson.dumps(numpy.int64(3))", "write int(...)"),
        ("import json, numpy\njson.dumps(numpy.float32(3))", "write float(...)"),
        ("import json, numpy\njson.dumps(numpy.ones(3))", "write array.tolist()"),
        ("import network3\nnetwork3.SoftmaxLayer(2, 2).w[0, 0].eval()", "leave .eval() out"),
    ],
)
def test_habits_get_a_hint(deltarule, script, lines, said):
    ran = deltarule("book", script(lines))
    assert ran.code == 1
    assert said in ran.err


def test_the_names_of_the_stand_in_go_with_the_block():
    with importer.use_bare_names(stand_in=True):
        theano = __import__("theano")
        assert theano.shared(np.ones(2)).eval().tolist() == [1, 1]
    assert "theano" not in sys.modules
