"""The book's programs in Python 2 are recognized by their code."""

from __future__ import annotations

import pytest

from deltarule.book.importer import MODULES
from deltarule.book.listings import DIGESTS, compute_digest, is_published

SOURCE = """\
import random

class Network(object):
    def __init__(self, sizes):
        self.rate = 0.50
        self.sizes = [n for n in sizes[1:]]

    def SGD(self, data, *rest, **options):
        '''Learn.'''
        for j in xrange(0, len(data), 2):
            print "Epoch {0} complete".format(j)
        return -1 if not data else lambda x, y=2: x**y
"""


def test_a_digest_is_the_same_in_every_version_of_python():
    """The table holds digests by these rules; if this one changes, all of them are wrong."""
    assert compute_digest(SOURCE) == "ca4396ccbd9c8370"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'''Learn.'''", '"""Learn from pairs,\\none by one."""'),
        ("'''Learn.'''", r"'''\\partial C'''"),
        ("'''Learn.'''", "# a comment in its place"),
        ("0.50", "0.5"),
        ('"Epoch {0} complete"', "'Epoch {0} complete'"),
        ("[n for n in sizes[1:]]", "[n for n in\n                      sizes[1:]]"),
        ("\n", "\r\n"),
        ("\n\n", "\n\n\n"),
        ("    ", "\t"),
    ],
)
def test_comments_and_formatting_do_not_change_the_digest(old, new):
    assert old in SOURCE
    assert compute_digest(SOURCE.replace(old, new)) == compute_digest(SOURCE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0.50", "0.51"),
        ("sizes[1:]", "sizes[2:]"),
        ("(object)", ""),
        ("Epoch {0} complete", "Epoch {0} done"),
        ("import random\n", "import random\nrandom.seed(1)\n"),
        ("x**y", "y**x"),
        ("**options", "**others"),
        ("xrange", "range"),
        ('print "Epoch {0} complete".format(j)', 'print("Epoch {0} complete".format(j))'),
    ],
)
def test_any_change_of_the_code_changes_the_digest(old, new):
    assert old in SOURCE
    assert compute_digest(SOURCE.replace(old, new)) != compute_digest(SOURCE)


@pytest.mark.parametrize("source", ["def f(:", "\0", "x = " + "(" * 1000, "print 'a', (", "x = " + "-" * 100_000 + "1"])
def test_a_source_that_cannot_be_parsed_has_no_digest(source):
    assert compute_digest(source) is None
    assert not is_published("network", source)


def test_a_long_sum_has_a_digest():
    assert compute_digest("x = " + " + ".join(["1"] * 900))


def test_each_program_of_the_book_has_digests():
    assert set(MODULES) - set(DIGESTS) == {"network_matrix"}  # an exercise; the book has no program for it
