"""Scripts of Python 2 with their outputs, which Python 2.7.18 printed.

``python -m tests.book.python2_snippets PYTHON2`` runs them again with a Python 2 of yours, and compares.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile

SNIPPETS = {
    "print 1, 'a'\nprint\nprint 'b',\nprint 'c'": "1 a\n\nb c\n",
    "print (1, 2)\nprint ('one')\nprint ()\nprint": "(1, 2)\none\n()\n\n",
    "print(1, 2)\nprint 3": "(1, 2)\n3\n",
    "print (1), (2)\nprint ('%d' % 3) + 'x'": "1 2\n3x\n",
    "print (1) if 0 else 2\nprint 3": "2\n3\n",
    "print (0) or 4\nprint (1) in [2], 3": "4\nFalse 3\n",
    'print"a"\nprint"b",3': "a\nb 3\n",
    "x = 3\nprint-x\nprint[x][0]\nprint{1: x}[1]\nprint`x`,~x": "-3\n3\n3\n3 -4\n",
    "print 'a\\n',\nprint 'b'": "a\nb\n",
    "print 'a\\t', 'b'\nprint 'a\\n', 2": "a\tb\na\n2\n",
    "print ('a\\n'), 2\nprint (('b\t')), ('c' + '\\n'),\nprint ('d\\n', 3), 4": "a\n2\nb\tc\n('d\\n', 3) 4\n",
    "print '%s\\n' % 3, 4\nprint 'x' + '\\n',\nprint '\\n' * 2, 5": "3\n4\nx\n\n\n5\n",
    "import sys\nfs = [sys.stdout]\nprint>>fs[0], 3\nprint >>fs[00], 4,\nprint >> fs[0], 5\n"
    "print >>fs[0]\nprint>>fs[0], 'a', 0777": ("3\n4 5\n\na 511\n"),
    "if 1: print 'a'; print 'b'\nelse: print 'c'": "a\nb\n",
    "for f in (lambda: 1, lambda: 2): print f(); print 'so'": "1\nso\n2\nso\n",
    "print 'far', \\\n    'away'": "far away\n",
    "print 'a # b' # c": "a # b\n",
    "print '''a\n\tb'''\nif 1:\n\tprint '''c\n\t\td''', [\n\t\t1]": "a\n\tb\nc\n\t\td [1]\n",
    "if 1:\n        print 1\n\tprint 2": "1\n2\n",
    "from __future__ import print_function\nprint(1, 2)\nprint(xrange(3)[1])": "1 2\n1\n",
    "print '\\usigma', u'\\u0041', ur'\\u0042\\d', r'\\u'": "\\usigma A B\\d \\u\n",
    "print 0777, 0777L, 10L, 0xFFL, 0L, 00, 1e3, 010.5, 0o17, 0b11": "511 511 10 255 0 0 1000.0 10.5 15 3\n",
    "print 1 <> 2, `1, 2`, `'a' 'b'`": "True (1, 2) 'ab'\n",
    "try:\n    raise ValueError, 'a'\nexcept (KeyError, ValueError), e:\n    print e": "a\n",
    "try:\n    raise ValueError, (1, 2)\nexcept ValueError, e:\n    print e.args": "(1, 2)\n",
    "try:\n    raise ValueError, ()\nexcept ValueError, e: print e.args": "()\n",
    "try:\n    raise ValueError, None\nexcept ValueError, e: print e.args": "()\n",
    "try:\n    raise ValueError, '%d, %s' % (1, 'x')\nexcept ValueError, e: print e.args": "('1, x',)\n",
    "import sys\ntry:\n    try:\n        1 % 0\n    except ZeroDivisionError:\n"
    "        raise ValueError, 'v', sys.exc_info()[2]\nexcept ValueError, e:\n    print e, type(e).__name__": (
        "v ValueError\n"
    ),
    "exec 'print(1)'\nns = {}\nexec 'x = 2' in ns\nprint ns['x']\nexec('y = 3')\nprint y\n"
    "exec 'z = 4' in ns, ns; print ns['z']\nexec('w = 5', ns); print ns['w']": "1\n2\n3\n4\n5\n",
    "out = []\nmap(out.append, [1, 2])\nfilter(out.append, [3])\n[out.append(4)]\nprint out": "[1, 2, 3, 4]\n",
    "print len(zip([1, 2], [3, 4])), len(map(abs, [1])), len(range(3)), len({1: 2}.keys())": "2 1 3 1\n",
    "print zip([1], [2]) == [(1, 2)], range(2) == [0, 1], map(abs, [-1]) + [2], {}.keys() == []": (
        "True True [1, 2] True\n"
    ),
    "print zip([1], [2]), range(3)[1:], filter(None, [0, 1]), {1: 2}.items()": "[(1, 2)] [1, 2] [1] [(1, 2)]\n",
    "x = zip([1], [2])\nprint list(x), list(x)": "[(1, 2)] [(1, 2)]\n",
    "class Owner(object):\n    def sum(self, x): return len(x)\n    def array(self, x): return x[0]\n"
    "np = Owner()\nprint np.sum(map(abs, [1, 2])), np.array(zip([1], [2]))": "2 (1, 2)\n",
    "d = {1: 2, 3: 4}\nfor k in d.keys():\n    del d[k]\nprint d": "{}\n",
    "d = {1: 2}\nfor k, v in d.items(): d[k + 1] = v\nprint sorted(d)": "[1, 2]\n",
    "x = [1, 2, 3]\nfor a, b in zip(x, x[1:]): x.append(a)\nprint x": "[1, 2, 3, 1, 2]\n",
    "log = []\ndef f(x):\n    log.append(x)\n    return x\nfor x in map(f, [1, 2]): log.append(-x)\nprint log": (
        "[1, 2, -1, -2]\n"
    ),
    "log = []\ndef f(x):\n    log.append(x)\n    return x\nprint any(map(f, [1, 2])), log": "True [1, 2]\n",
    "x = [1, 2]\nx.extend(map(abs, x))\nprint x": "[1, 2, 1, 2]\n",
    "x = [1, 2]\ng = (a for a in zip(x, x))\nx.append(3)\nprint list(g)": "[(1, 1), (2, 2)]\n",
    "print map(None, [1, 2]), map(None, (1, 2))": "[1, 2] [1, 2]\n",
    "print sorted(map(abs, [-1, 0])), sum(zip((1, 2), (3, 4)), ()), max(range(3)), ','.join(map(str, [1, 2]))": (
        "[0, 1] (1, 3, 2, 4) 2 1,2\n"
    ),
    "a, b = zip((1, 2), (3, 4))\nprint a, b\nprint dict(zip('ab', [1, 2]))['b']": "(1, 3) (2, 4)\n2\n",
    "def f(*a): return a\nprint f(*map(abs, [-1, 2])), 2 in range(3), [x for x in zip([1], [2])]": (
        "(1, 2) True [(1, 2)]\n"
    ),
    "print list(enumerate(zip('a', 'b'))), list(reversed(range(3))), range(3)[::-1]": (
        "[(0, ('a', 'b'))] [2, 1, 0] [2, 1, 0]\n"
    ),
    "from itertools import izip, imap, count, izip_longest as longest\n"
    "print list(izip('ab', count())), list(imap(abs, [-1])), list(longest([1], []))": (
        "[('a', 0), ('b', 1)] [1] [(1, None)]\n"
    ),
    "import itertools as it, itertools\nprint it.izip([1], it.count()).next(), list(itertools.ifilter(None, [0, 1]))": (
        "(1, 0) [1]\n"
    ),
    "d = {1: 2}\ni = d.iteritems()\nprint i.next(), list(d.itervalues()), sorted(d.iterkeys()), len(d.viewkeys())": (
        "(1, 2) [2] [1] 1\n"
    ),
    "d = {1: 2, True: 3}\nprint d.has_key(1), d.has_key(d.has_key(1) or 5), not d.has_key(9), d.has_key(1 == 2)": (
        "True True True False\n"
    ),
    "d = {(1, 2): 3}\nprint d.has_key((1, 2)), d.has_key(  # so\n    (1,\n    2), )": "True True\n",
    "class A(object):\n    def __init__(self): self.i = 0\n    def __iter__(self): return self\n"
    "    def next(self):\n        self.i += 1\n        if self.i > 2: raise StopIteration\n        return self.i\n"
    "print list(A()), A().next(), (A() or 1).next(), A() .next()": "[1, 2] 1 1 1\n",
    "class Node(object):\n    def __init__(self, next): self.next = next\nn = Node(Node(None))\nprint n.next.next": (
        "None\n"
    ),
    "class A(object):\n    def __nonzero__(self): return False\n    def __div__(self, other): return 'd'\n"
    "print bool(A()), A() / 2.0": "False d\n",
    "print 7 / 2, -7 / 2, len('abc') / 2, 7 / 2.0, 7 / float(2), 7 // 2, int(3.9) / 2": "3 -4 1 3.5 3.5 3 1\n",
    "print (1 + 2) / 2, ord('a') / 2, 3 * 5 / 2 / 2, True / 2, 7.0 / 2 / 2": "1 48 3 0 1.75\n",
    "from __future__ import print_function, division\nprint(1 / 2, long(3) / 2)": "0.5 1.5\n",
    "'''doc'''\nfrom __future__ import division\nprint reduce(max, [1, 3]), __doc__, 1 / 2": "3 doc 0.5\n",
    "'''doc'''\nprint reduce(max, [1, 2]), __doc__\nimport os": "2 doc\n",
    "from __future__ import division; print reduce(max, [1, 2])": "2\n",
    "# so\nimport sys; x = reduce(max, [1, 2])\nprint x": "2\n",
    "from cPickle import loads, dumps as d\nimport cPickle, pickle\nprint loads(d([1]), ),\n"
    "print cPickle.loads(pickle.dumps(\n"
    "    'a')  # so\n    )": "[1] a\n",
    "import string\nfrom string import letters, digits\nprint string.lowercase[0], string.uppercase, len(letters)": (
        "a ABCDEFGHIJKLMNOPQRSTUVWXYZ 52\n"
    ),
    "import urllib\nprint urllib.quote('a b'), urllib.unquote('a%20b')\nfrom urllib import urlencode\n"
    "print urlencode({'a': 'b c'})": "a%20b a b\na=b+c\n",
    "import StringIO\nf = StringIO.StringIO()\nprint >>f, 'x'\nprint len(f.getvalue())": "2\n",
    "def f(x): return x\nprint f.func_name, f.func_code.co_argcount, f.func_defaults": "f 1 None\n",
    "print isinstance(u'a', basestring), isinstance('a', (str, unicode)), unichr(65) == u'A', long(3) + 1": (
        "True True True 4\n"
    ),
    "import sys\nprint sys.maxint > 2 ** 30": "True\n",
    "open('code.py', 'w').write('y = 5')\nns = {}\nexecfile('code.py')\nexecfile(('code.py'), ns)\n"
    "print y, ns['y'], file('code.py').read()": "5 5 y = 5\n",
    "xs = [(1, 'b'), (0, 'a')]\nks = dict(xs).keys()\nks.sort()\nprint ks": "[0, 1]\n",
    "x = 'a'; print x, ; print x": "a a\n",
}
"""Scripts that are converted completely, each with its output."""


def compare(python2: str) -> int:
    """Run the scripts with a Python 2, print those that differ, and count them."""
    different = 0
    folder = tempfile.mkdtemp()
    for source, expected in SNIPPETS.items():
        ran = subprocess.run([python2, "-c", source], capture_output=True, text=True, check=False, cwd=folder)
        if ran.stdout != expected:
            different += 1
            print(f"{source}\nexpected {expected!r}, got {ran.stdout!r} {ran.stderr[-300:]}\n")
    return different


if __name__ == "__main__":
    sys.exit(compare(sys.argv[1]) > 0)
