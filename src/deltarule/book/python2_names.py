"""Names of Python 2: builtin functions, methods, attributes and modules, each with its name in Python 3 or a remedy."""

from __future__ import annotations

from collections.abc import Mapping

NAMES: Mapping[str, str] = {
    "xrange": "range",
    "raw_input": "input",
    "unicode": "str",
    "basestring": "str",
    "long": "int",
    "unichr": "chr",
}
"""Builtin names with another name in Python 3."""

REMEDIES: Mapping[str, str] = {
    "reduce": "write from functools import reduce",
    "execfile": "write exec(open(path).read())",
    "file": "write open(path), and io.IOBase for the type",
    "cmp": "write (a > b) - (a < b)",
    "apply": "write function(*arguments, **options)",
    "reload": "write importlib.reload(module), after import importlib",
    "intern": "write sys.intern(text)",
    "buffer": "write memoryview(data)",
    "coerce": "leave it out: Python converts numbers itself",
}
"""Builtin names that Python 3 does not have, each with a remedy."""

ITERATORS: Mapping[str, str] = {"iteritems": "items", "itervalues": "values", "iterkeys": "keys"}
VIEWS: Mapping[str, str] = {"viewitems": "items", "viewvalues": "values", "viewkeys": "keys"}
"""Methods of dictionaries, and those of Python 3."""

ATTRIBUTES: Mapping[str, str] = {
    **{f"func_{name}": f"__{name}__" for name in ("name", "code", "defaults", "doc", "globals", "dict", "closure")},
    "im_func": "__func__",
    "im_self": "__self__",
}
"""Attributes of functions and methods."""

METHODS: Mapping[str, str] = {
    "next": "__next__",
    "__nonzero__": "__bool__",
    "__div__": "__truediv__",
    "__rdiv__": "__rtruediv__",
    "__idiv__": "__itruediv__",
}
"""Methods of classes with another name in Python 3."""

FORMER_METHODS: Mapping[str, str] = {
    "__cmp__": "write __eq__ and __lt__, and functools.total_ordering in front of the class",
    "__unicode__": "write __str__",
    **dict.fromkeys(("__getslice__", "__setslice__", "__delslice__"), "write __getitem__ for a slice as the index"),
    **dict.fromkeys(("__hex__", "__oct__", "__long__"), "write __index__ or __int__"),
    "__coerce__": "write __add__ and the others for both types",
}
"""Methods of classes that Python 3 does not call, each with a remedy."""

CODECS: Mapping[str, str] = {
    **dict.fromkeys(("hex", "hex_codec"), "write data.hex() and bytes.fromhex(text)"),
    **dict.fromkeys(("base64", "base64_codec"), "write base64.b64encode(data) and base64.b64decode(text)"),
    **dict.fromkeys(("zip", "zlib", "zlib_codec"), "write zlib.compress(data) and zlib.decompress(data)"),
    **dict.fromkeys(("bz2", "bz2_codec"), "write bz2.compress(data) and bz2.decompress(data)"),
    **dict.fromkeys(("rot13", "rot_13"), 'write codecs.encode(text, "rot13")'),
    **dict.fromkeys(("string_escape", "string-escape"), 'write text.encode("unicode_escape").decode("ascii")'),
}
"""Encodings that Python 3 has only for bytes, each with a remedy."""

MODULES: Mapping[str, str] = {
    "cPickle": "pickle",
    "Queue": "queue",
    "ConfigParser": "configparser",
    "StringIO": "io",
    "cStringIO": "io",
    "urllib2": "urllib.request",
    "urlparse": "urllib.parse",
    "httplib": "http.client",
    "cookielib": "http.cookiejar",
    "BaseHTTPServer": "http.server",
    "SimpleHTTPServer": "http.server",
    "SocketServer": "socketserver",
    "xmlrpclib": "xmlrpc.client",
    "HTMLParser": "html.parser",
    "Tkinter": "tkinter",
    "tkMessageBox": "tkinter.messagebox",
    "tkFileDialog": "tkinter.filedialog",
    "ttk": "tkinter.ttk",
    "copy_reg": "copyreg",
    "thread": "_thread",
    "__builtin__": "builtins",
    "anydbm": "dbm",
    "repr": "reprlib",
}
"""Modules with another name in Python 3."""

FORMER_MODULES: Mapping[str, str] = {
    "commands": "write subprocess.getoutput(command), after import subprocess",
    "popen2": "write subprocess.Popen, after import subprocess",
    "md5": "write hashlib.md5, after import hashlib",
    "sha": "write hashlib.sha1, after import hashlib",
    "sets": "write set and frozenset",
    "exceptions": "leave it out: its names are builtin",
    "UserDict": "write collections.UserDict, after import collections",
    "compiler": "write ast.parse, after import ast",
}
"""Modules that Python 3 does not have, each with a remedy."""

_TEXT_METHODS = "write text.split(), separator.join(texts) and the other methods of the text"
_STRING_FUNCTIONS = (
    *("atof", "atoi", "atol", "capitalize", "center", "count", "expandtabs", "find", "index", "join", "joinfields"),
    *("ljust", "lower", "lstrip", "maketrans", "replace", "rfind", "rjust", "rsplit", "rstrip", "split"),
    *("splitfields", "strip", "swapcase", "translate", "upper", "zfill"),
)
MODULE_NAMES: Mapping[str, str] = {
    "string.letters": "string.ascii_letters",
    "string.lowercase": "string.ascii_lowercase",
    "string.uppercase": "string.ascii_uppercase",
    "sys.maxint": "sys.maxsize",
    "os.getcwdu": "os.getcwd",
    "itertools.izip": "zip",
    "itertools.imap": "map",
    "itertools.ifilter": "filter",
    "itertools.izip_longest": "itertools.zip_longest",
    "itertools.ifilterfalse": "itertools.filterfalse",
    **{f"urllib.{name}": f"urllib.request.{name}" for name in ("urlopen", "urlretrieve", "URLopener", "pathname2url")},
    **{f"urllib.{name}": f"urllib.parse.{name}" for name in ("quote", "unquote", "quote_plus", "unquote_plus")},
    "urllib.urlencode": "urllib.parse.urlencode",
}
"""Names in modules, and those of Python 3; names without a module are builtin."""

FORMER_MODULE_NAMES: Mapping[str, str] = {
    **{f"string.{name}": _TEXT_METHODS for name in _STRING_FUNCTIONS},
    "sys.setdefaultencoding": "leave it out: texts are Unicode",
    "sys.exc_clear": "leave it out",
    **{f"sys.{name}": "write sys.exc_info()" for name in ("exc_type", "exc_value", "exc_traceback")},
    "os.popen2": "write subprocess.Popen",
    "os.popen3": "write subprocess.Popen",
    **{
        f"types.{name}Type": "write the type itself, such as list" for name in ("List", "Dict", "Tuple", "Float", "Int")
    },
    **{f"types.{name}Type": "write the type itself, such as str" for name in ("String", "Unicode", "Long", "Boolean")},
    "types.StringTypes": "write str",
    "types.NoneType": "write type(None)",
}
"""Names in modules that Python 3 does not have, each with a remedy."""
