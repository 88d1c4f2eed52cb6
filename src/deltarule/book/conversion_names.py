"""Edits that convert names, methods, lists and divisions of Python 2 in a tree that Python 3 can parse."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deltarule.book.conversion_divisions import Numbers
from deltarule.book.conversion_facts import Facts
from deltarule.book.conversion_lists import LISTS, VIEWS, Uses
from deltarule.book.edits import Edit, Positions
from deltarule.book.python2_names import ATTRIBUTES, ITERATORS, METHODS, MODULE_NAMES, NAMES
from deltarule.book.python2_names import VIEWS as OLD_VIEWS
from deltarule.book.python2_syntax import Rewrite
from deltarule.book.python2_tokens import mask

DIVISION = "/ gives a float in Python 3: write // if both are whole numbers"
_PICKLES = ("pickle.load", "pickle.loads", "pickle.Unpickler")


class NameConverter:
    """The edits of a tree, with the rewrites that they are and the lines to look at.

    Args:
        source: the text that the tree is parsed from.
        facts: the facts about the tree.
    """

    def __init__(self, source: str, facts: Facts) -> None:
        self.source, self.facts, self.positions, self.code = source, facts, Positions(source), mask(source)
        self.numbers = Numbers(facts.own_names)
        self.uses = Uses(facts.parents, facts.own_names)
        self.rewrites: list[Rewrite] = []
        self.notes: list[Rewrite] = []

    def find_edits(self) -> Iterator[Edit]:
        """Find the edits, those around a node before and after those within it."""
        waiting: list[tuple[ast.AST, list[Edit] | None]] = [(self.facts.tree, None)]
        while waiting:
            node, closing = waiting.pop()
            if closing is not None:
                yield from closing
                self.numbers.add(node)
                if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
                    yield from self._convert_division(node)
                continue
            opening, closing = self._convert(node)
            yield from opening
            waiting.append((node, closing))
            waiting += [(child, None) for child in reversed(list(ast.iter_child_nodes(node)))]

    def _convert(self, node: ast.AST) -> tuple[list[Edit], list[Edit]]:
        """Find the edits of one node: those in front of the edits of its parts, and those behind."""
        match node:
            case ast.Name(id=name) if name in NAMES and self.facts.is_builtin(node):
                return self._replace(node, NAMES[name], f"{NAMES[name]} instead of {name}"), []
            case ast.Attribute() if (new := MODULE_NAMES.get(self.facts.resolve(node))) and self._is_renamed(node):
                return self._replace_member(node, new), []
            case ast.Attribute(attr=name) if name in ATTRIBUTES and name not in self.facts.bindings:
                return self._rename(node, ATTRIBUTES[name]), []
            case ast.FunctionDef(name=name) if name in METHODS and self._is_method(node):
                start = self.positions.find(node.lineno, node.col_offset)
                start = self.code.index(name, start + len("def"))
                self._note_rewrite(node, METHODS[name], name)
                return [Edit(start, start + len(name), METHODS[name])], []
            case ast.Call(func=ast.Name(id=name)) if self.facts.is_builtin(node.func):
                return self._convert_function(node, name)
            case ast.Call(func=ast.Attribute() as function):
                return self._convert_method(node, function)
            case ast.Call(func=ast.Name()):
                return self._add_encoding(node), []
        return [], []

    def _convert_function(self, call: ast.Call, name: str) -> tuple[list[Edit], list[Edit]]:
        start, end = self.positions.span(call)
        match name, call.args, call.keywords:
            case "input", _, [] if not self._is_evaluated(call):
                self._note_rewrite(call, "eval(input())", "input()")
                return [Edit(start, start, "eval(")], [Edit(end, end, ")")]
            case "file", [_, *_], _:
                return self._replace(call.func, "open", "open instead of file"), []
            case "execfile", [path, *_], []:
                self._note_rewrite(call, "exec(open(path).read())", "execfile(path)")
                after = self._find_end_of(path, call)
                opening = Edit(start, start + len(name), "exec(open")
                closing = ").read()" if len(call.args) > 1 else ").read())"
                return [opening], [Edit(after, end if len(call.args) == 1 else after, closing)]
            case "map", [ast.Constant(value=None), ast.expr() as items], []:
                self._note_rewrite(call, "list(items)", "map(None, items)")
                return [Edit(start, self._find_start_of(items, call.args[0]), "list(")], []
            case _ if name in LISTS:
                return self._wrap(call)
        return [], []

    def _convert_method(self, call: ast.Call, function: ast.Attribute) -> tuple[list[Edit], list[Edit]]:
        start, end = self.positions.span(call)
        name = function.attr
        match name, call.args, call.keywords:
            case _, [], [] if name != "next" and name in self.facts.methods:
                return [], []
            case _, [], [] if name in ITERATORS or name in OLD_VIEWS:
                renamed = self._rename(function, ITERATORS.get(name) or OLD_VIEWS[name], "()")
                if name in OLD_VIEWS or self._is_looped(call):
                    return renamed, []
                return [Edit(start, start, "iter("), *renamed], [Edit(end, end, ")")]
            case "next", [], [] if not self.facts.next_is_data:
                self._note_rewrite(call, "next(x)", "x.next()")
                dot = self.code.rindex(".", 0, self.positions.span(function)[1])
                return [Edit(start, start, "next(")], [Edit(dot, end, ")")]
            case _, [], [] if name in VIEWS:
                return self._wrap(call)
        return self._add_encoding(call), []

    def _add_encoding(self, call: ast.Call) -> list[Edit]:
        """Let pickles of Python 2 be read, whose texts are bytes."""
        if self.facts.resolve(call.func).replace("cPickle", "pickle") not in _PICKLES or call.keywords:
            return []
        if len(call.args) != 1 or isinstance(call.args[0], ast.Starred):
            return []
        start, end = self.positions.span(call)
        end = start + len(self.code[start : end - 1].rstrip())
        comma = "" if self.code[end - 1] == "," else ","
        self._note_rewrite(call, 'encoding="latin1"', "no encoding")
        return [Edit(end, end, f'{comma} encoding="latin1"')]

    def _wrap(self, call: ast.Call) -> tuple[list[Edit], list[Edit]]:
        """Wrap a call in ``list``, unless its items are only read one by one."""
        if not self.uses.needs_list(call):
            return [], []
        start, end = self.positions.span(call)
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        self._note_rewrite(call, f"list({name}(...))", f"{name}(...)")
        return [Edit(start, start, "list(")], [Edit(end, end, ")")]

    def _is_evaluated(self, call: ast.Call) -> bool:
        """Return whether a call is the text that ``eval`` computes, as in a script that is converted already."""
        outer = self.facts.parents.get(call)
        return isinstance(outer, ast.Call) and isinstance(outer.func, ast.Name) and outer.func.id == "eval"

    def _is_looped(self, call: ast.Call) -> bool:
        """Return whether a loop reads the items of a call."""
        match self.facts.parents.get(call):
            case ast.For(iter=used) | ast.comprehension(iter=used):
                return used is call
            case ast.Call(func=ast.Name(id="list" | "dict" | "set" | "sorted" | "sum" | "min" | "max")):
                return True
        return False

    def _is_renamed(self, node: ast.Attribute) -> bool:
        """Return whether a member's new name can be written: for ``urllib`` only if its import has no other name."""
        full = self.facts.resolve(node)
        return not full.startswith("urllib.") or self.facts.modules.get("urllib") == "urllib"

    def _is_method(self, node: ast.FunctionDef) -> bool:
        """Return whether a function is a method whose new name is free."""
        parent = self.facts.parents.get(node)
        if not isinstance(parent, ast.ClassDef) or (node.name == "next" and self.facts.next_is_data):
            return False
        names = {each.name for each in parent.body if isinstance(each, ast.FunctionDef)}
        names |= {
            target.id
            for each in parent.body
            if isinstance(each, ast.Assign)
            for target in each.targets
            if isinstance(target, ast.Name)
        }
        return METHODS[node.name] not in names

    def _replace_member(self, node: ast.Attribute, new: str) -> list[Edit]:
        old = self.facts.resolve(node)
        module, _, name = new.rpartition(".")
        if module and module == old.rpartition(".")[0]:
            return self._rename(node, name)
        return self._replace(node, new, f"{new} instead of {old}")

    def _replace(self, node: ast.expr, new: str, text: str) -> list[Edit]:
        self.rewrites.append(Rewrite(node.lineno, text))
        return [Edit(*self.positions.span(node), new)]

    def _rename(self, node: ast.Attribute, name: str, brackets: str = "") -> list[Edit]:
        end = self.positions.span(node)[1]
        self._note_rewrite(node, name + brackets, node.attr + brackets)
        return [Edit(end - len(node.attr), end, name)]

    def _note_rewrite(self, node: ast.expr | ast.stmt, new: str, old: str) -> None:
        self.rewrites.append(Rewrite(node.end_lineno or node.lineno, f"{new} instead of {old}"))

    def _find_end_of(self, argument: ast.expr, call: ast.Call) -> int:
        """Find the end of the first argument, with the parentheses around it."""
        end = self.positions.span(call)[1] - 1
        if len(call.args) == 1:
            start = self.positions.span(argument)[0]
            return start + len(self.code[start:end].rstrip().removesuffix(",").rstrip())
        return self.code.index(",", self.positions.span(argument)[1])

    def _find_start_of(self, argument: ast.expr, before: ast.expr) -> int:
        """Find the start of an argument, with the parentheses around it."""
        comma = self.code.index(",", self.positions.span(before)[1])
        text = self.code[comma + 1 : self.positions.span(argument)[0]]
        return comma + 1 + len(text) - len(text.lstrip())

    def _convert_division(self, node: ast.BinOp | ast.AugAssign) -> Iterator[Edit]:
        left, right = (node.left, node.right) if isinstance(node, ast.BinOp) else (node.target, node.value)
        kinds = self.numbers[left], self.numbers[right]
        if self.facts.divides or "float" in kinds:
            return
        if kinds == ("whole", "whole"):
            start = self.code.index("/", self.positions.span(left)[1])
            self.rewrites.append(Rewrite(right.lineno, "// instead of /"))
            self.numbers.kinds[node] = "whole"
            yield Edit(start, start, "/")
        else:
            self.notes.append(Rewrite(node.lineno, DIVISION))
