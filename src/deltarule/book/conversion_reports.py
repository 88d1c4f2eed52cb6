"""Reports of constructs of Python 2 that are not converted, or that Python 3 runs differently in some cases."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deltarule.book.conversion_facts import Facts
from deltarule.book.python2_names import (
    CODECS,
    FORMER_METHODS,
    FORMER_MODULE_NAMES,
    FORMER_MODULES,
    METHODS,
    MODULE_NAMES,
    REMEDIES,
)
from deltarule.book.python2_syntax import Rewrite, convert_syntax

ROUND = "round() rounds halves to the even number and gives an int in Python 3: write float(round(x)) for a float"
OCT = 'oct(8) is "0o10" in Python 3 and "010" in Python 2, and hex and oct of a long end with L there'
FLOOR = "gives an int in Python 3: write float(...) around it for a float"
MAP = "map() stops at the shortest sequence in Python 3: write itertools.zip_longest if their lengths differ"
FILTER = "filter() gives a text for a text and a tuple for a tuple in Python 2, here a list"
EXEC = "exec sets no local variables of a function in Python 3: write values = {}; exec(code, values)"
LEAK = "is no longer bound after the list in brackets: write a for statement if its last value is meant here"
CODE = "the code in this text is Python 2: convert it, too"
FILE = "convert the file that is run here, too"
BINARY = 'pickles need files opened with "rb" or "wb" in Python 3'
NEXT = "next is a name of the script's own: write next(x) if x is an iterator"
_LISTS = ("range", "sorted", "list", "zip", "map", "keys", "values", "items", "split", "readlines")


def find_notes(facts: Facts) -> Iterator[Rewrite]:
    """Find the lines that Python 3 may run differently from Python 2."""
    for node in facts.nodes:
        match node:
            case ast.Call(func=ast.Name(id="round")) if facts.is_builtin(node.func):
                yield Rewrite(node.lineno, ROUND)
            case ast.Call(func=ast.Name(id="oct" | "hex")) if facts.is_builtin(node.func):
                yield Rewrite(node.lineno, OCT)
            case ast.Call(func=ast.Attribute()) if facts.resolve(node.func) in ("math.floor", "math.ceil"):
                yield Rewrite(node.lineno, f"{facts.resolve(node.func)} {FLOOR}")
            case ast.Call(func=ast.Name(id="map"), args=[function, _, _, *_]) if not _is_none(function):
                yield Rewrite(node.lineno, MAP)
            case ast.Call(func=ast.Name(id="filter"), args=[_, items]) if not _is_list(items) and not _is_loop(
                node, facts
            ):
                yield Rewrite(node.lineno, FILTER)
            case ast.Call(func=ast.Name(id="exec" | "eval"), args=[ast.Constant(value=str(code)), *_]):
                if convert_syntax(code).is_python2:
                    yield Rewrite(node.lineno, CODE)
                if _is_local_exec(node, facts):
                    yield Rewrite(node.lineno, EXEC)
            case ast.Call(func=ast.Name(id="exec")) if _is_local_exec(node, facts):
                yield Rewrite(node.lineno, EXEC)
            case ast.Call(func=ast.Name(id="execfile"), args=[_, *_]) if facts.is_builtin(node.func):
                yield Rewrite(node.lineno, FILE)
            case ast.Call(func=ast.Attribute(attr="next"), args=[], keywords=[]) if facts.next_is_data:
                yield Rewrite(node.lineno, NEXT)
            case ast.Call(func=ast.Attribute(attr="load" | "dump"), args=arguments) if _is_pickle(node, facts):
                if any(_is_text_file(argument) for argument in arguments):
                    yield Rewrite(node.lineno, BINARY)
            case ast.Module() | ast.FunctionDef() | ast.Lambda():
                yield from _find_leaks(node)


def find_reports(facts: Facts) -> Iterator[Rewrite]:
    """Find the lines with a name that Python 3 does not have and that is not converted, each with a remedy."""
    for node in facts.nodes:
        if node in facts.guards:
            continue
        full = facts.resolve(node)
        match node:
            case ast.Name(id=name) if name in REMEDIES and facts.is_builtin(node) and not _is_converted(node, facts):
                yield Rewrite(node.lineno, f"Python 3 has no {name}; {REMEDIES[name]}")
            case ast.Attribute() if full in FORMER_MODULE_NAMES:
                yield Rewrite(node.lineno, f"Python 3 has no {full}; {FORMER_MODULE_NAMES[full]}")
            case ast.Attribute() if full.startswith("urllib.") and full in MODULE_NAMES:
                if facts.modules.get("urllib") != "urllib":
                    yield Rewrite(node.lineno, f"Python 3 has no {full}; write {MODULE_NAMES[full]}")
            case ast.Import(names=aliases):
                for alias in aliases:
                    if alias.name in FORMER_MODULES:
                        yield Rewrite(node.lineno, f"Python 3 has no {alias.name}; {FORMER_MODULES[alias.name]}")
            case ast.ImportFrom(module=str(module), level=0, names=aliases):
                for alias in aliases:
                    full = f"{module}.{alias.name}"
                    if remedy := FORMER_MODULES.get(module) or FORMER_MODULE_NAMES.get(full):
                        yield Rewrite(node.lineno, f"Python 3 has no {full}; {remedy}")
            case ast.Call():
                yield from _find_calls(node, facts)
            case ast.ClassDef():
                yield from _find_methods(node, facts)
            case ast.Attribute(value=ast.Name(id=name), attr="message", ctx=ast.Load()) if _is_error(name, node, facts):
                yield Rewrite(node.lineno, f"Python 3 has no {name}.message; write str({name})")


def _find_calls(call: ast.Call, facts: Facts) -> Iterator[Rewrite]:
    compare = "a function of two values compares no longer; write key=functools.cmp_to_key(function)"
    match call:
        case ast.Call(func=ast.Attribute(attr="encode" | "decode"), args=[ast.Constant(value=str(codec)), *_]):
            if codec in CODECS:
                yield Rewrite(call.lineno, f"{codec} is no encoding of texts in Python 3; {CODECS[codec]}")
        case ast.Call(func=ast.Attribute(attr="sort"), args=[_, *_]) if not _is_module(call.func, facts):
            yield Rewrite(call.lineno, compare)
        case ast.Call(func=ast.Name(id="sorted"), args=[_, _, *_]):
            yield Rewrite(call.lineno, compare)
        case ast.Call(func=ast.Name(id="sorted") | ast.Attribute(attr="sort"), keywords=keywords):
            if any(keyword.arg == "cmp" for keyword in keywords):
                yield Rewrite(call.lineno, compare)
        case ast.Call(func=ast.Name(id="map"), args=[function, _, _, *_]) if _is_none(function):
            yield Rewrite(call.lineno, "map(None, ...) is an error in Python 3; write itertools.zip_longest(...)")
        case ast.Call(func=ast.Name(id="input"), keywords=[_, *_]):
            yield Rewrite(call.lineno, "input() evaluates its text in Python 2; write eval(input())")


def _find_methods(node: ast.ClassDef, facts: Facts) -> Iterator[Rewrite]:
    names = {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}
    names |= {each.name for each in node.body if isinstance(each, ast.FunctionDef)}
    for statement in node.body:
        match statement:
            case ast.FunctionDef(name=name) if name in FORMER_METHODS:
                yield Rewrite(statement.lineno, f"Python 3 does not call {name}; {FORMER_METHODS[name]}")
            case ast.FunctionDef(name="next") if facts.next_is_data:
                yield Rewrite(statement.lineno, f"Python 3 calls {METHODS['next']}; rename it if this is an iterator")
            case ast.Assign(targets=[ast.Name(id=name)]) if (new := METHODS.get(name)) and new not in names:
                yield Rewrite(statement.lineno, f"Python 3 does not call {name}; write {new} = ...")
            case ast.Assign(targets=[ast.Name(id="__metaclass__")]):
                remedy = f"write class {node.name}(metaclass={ast.unparse(statement.value)})"
                yield Rewrite(statement.lineno, f"Python 3 does not read __metaclass__; {remedy}")


def _find_leaks(scope: ast.Module | ast.FunctionDef | ast.Lambda) -> Iterator[Rewrite]:
    """Find variables of lists in brackets that are read behind them, before anything else binds them."""
    leaked: set[str] = set()
    for node in _walk_scope(scope):
        match node:
            case ast.ListComp(generators=loops):
                leaked |= {part.id for loop in loops for part in ast.walk(loop.target) if isinstance(part, ast.Name)}
            case ast.Name(id=name, ctx=ast.Load()) if name in leaked:
                leaked.discard(name)
                yield Rewrite(node.lineno, f"{name} {LEAK}")
            case ast.Name(id=name) | ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
                leaked.discard(name)


def _walk_scope(scope: ast.AST) -> Iterator[ast.AST]:
    """Walk through the nodes of a scope in the order of the text, but not into the scopes within it."""
    waiting = [scope]
    while waiting:
        node = waiting.pop()
        yield node
        inner = isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Lambda | ast.ListComp | ast.SetComp)
        if node is scope or not (inner or isinstance(node, ast.DictComp | ast.GeneratorExp)):
            waiting += reversed(_list_children(node))


def _list_children(node: ast.AST) -> list[ast.AST]:
    """List the parts of a node in the order in which they run: names are bound after the values are computed."""
    match node:
        case ast.Assign(targets=targets, value=value):
            return [value, *targets]
        case ast.For(target=target, iter=items, body=body, orelse=others):
            return [items, target, *body, *others]
    return list(ast.iter_child_nodes(node))


def _is_none(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_list(node: ast.AST) -> bool:
    match node:
        case ast.List() | ast.ListComp():
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _LISTS
    return False


def _is_loop(node: ast.AST, facts: Facts) -> bool:
    return isinstance(facts.parents.get(node), ast.For | ast.comprehension)


def _is_local_exec(node: ast.Call, facts: Facts) -> bool:
    """Return whether a call is ``exec(code)`` within a function."""
    return getattr(node.func, "id", "") == "exec" and len(node.args) == 1 and _is_in_function(node, facts)


def _is_in_function(node: ast.AST, facts: Facts) -> bool:
    while node in facts.parents:
        node = facts.parents[node]
        if isinstance(node, ast.FunctionDef):
            return True
    return False


def _is_converted(node: ast.AST, facts: Facts) -> bool:
    """Return whether a name is converted where it stands: ``reduce``, and calls of ``file`` and ``execfile``."""
    name = getattr(node, "id", "")
    match facts.parents.get(node):
        case ast.Call(func=function, args=[_, *_], keywords=keywords) if function is node:
            return name in ("file", "reduce") or (name == "execfile" and not keywords)
    return name == "reduce"


def _is_module(node: ast.AST, facts: Facts) -> bool:
    """Return whether the owner of a function is a module, as in ``np.sort``."""
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in facts.modules


def _is_error(name: str, node: ast.AST, facts: Facts) -> bool:
    """Return whether a name is the exception of a clause around a node."""
    while node in facts.parents:
        node = facts.parents[node]
        if isinstance(node, ast.ExceptHandler) and node.name == name:
            return True
    return False


def _is_pickle(call: ast.Call, facts: Facts) -> bool:
    return facts.resolve(call.func).rpartition(".")[0] in ("pickle", "cPickle")


def _is_text_file(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id="open" | "file"), args=[_, *modes], keywords=[]):
            return not any("b" in str(getattr(mode, "value", "b")) for mode in modes)
    return False
