"""What an expression says, read from the compiled form: the facts that it reads, and the words it compares them with.

The compiled form is the message `cel.expr.CheckedExpr` of the CEL specification (github.com/google/cel-spec,
proto/cel/expr). Only the fields needed here are declared; a reader of Protocol Buffers skips the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, message_factory

from governance.domain.picking import longest

_STRING, _MESSAGE, _BOOL = 9, 11, 8
_FIELDS: dict[str, tuple[tuple[str, int, int, bool, str], ...]] = {
    "CheckedExpr": (("expr", 4, _MESSAGE, False, "Expr"),),
    "Expr": (
        ("const_expr", 3, _MESSAGE, False, "Constant"),
        ("ident_expr", 4, _MESSAGE, False, "Ident"),
        ("select_expr", 5, _MESSAGE, False, "Select"),
        ("call_expr", 6, _MESSAGE, False, "Call"),
        ("list_expr", 7, _MESSAGE, False, "CreateList"),
        ("comprehension_expr", 9, _MESSAGE, False, "Comprehension"),
    ),
    "Constant": (("string_value", 6, _STRING, False, ""),),
    "Ident": (("name", 1, _STRING, False, ""),),
    "Select": (
        ("operand", 1, _MESSAGE, False, "Expr"),
        ("field", 2, _STRING, False, ""),
        ("test_only", 3, _BOOL, False, ""),
    ),
    "Call": (
        ("target", 1, _MESSAGE, False, "Expr"),
        ("function", 2, _STRING, False, ""),
        ("args", 3, _MESSAGE, True, "Expr"),
    ),
    "CreateList": (("elements", 1, _MESSAGE, True, "Expr"),),
    "Comprehension": (
        ("iter_var", 1, _STRING, False, ""),
        ("iter_range", 2, _MESSAGE, False, "Expr"),
        ("accu_init", 4, _MESSAGE, False, "Expr"),
        ("loop_condition", 5, _MESSAGE, False, "Expr"),
        ("loop_step", 6, _MESSAGE, False, "Expr"),
        ("result", 7, _MESSAGE, False, "Expr"),
    ),
}
_COMPARISONS = frozenset({"_==_", "_!=_", "@in"})

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """`reads`: the facts, by path without the root. `compared`: facts with the texts that they are compared with."""

    reads: tuple[str, ...]
    compared: tuple[tuple[Path, str], ...]


@dataclass(slots=True)
class _Found:
    reads: dict[Path, None] = field(default_factory=dict)
    compared: list[tuple[Path, str]] = field(default_factory=list)


def read_tree(serialised: bytes) -> Tree:
    """Read the compiled form of an expression that has passed the check."""
    packed = any_pb2.Any.FromString(serialised)
    checked = _class_of("CheckedExpr").FromString(packed.value)
    found = _Found()
    _visit(checked.expr, {}, found)
    return Tree(longest(".".join(path) for path in found.reads if path), tuple(dict.fromkeys(found.compared)))


def _visit(node: Any, bound: Mapping[str, Path], found: _Found) -> None:
    path = _path(node, bound)
    if path is not None:
        found.reads[path] = None
        return
    kind = _kind(node)
    if kind == "comprehension_expr":
        _visit_comprehension(node.comprehension_expr, bound, found)
        return
    if kind == "call_expr" and node.call_expr.function in _COMPARISONS:
        found.compared.extend(_compared(node.call_expr.args, bound))
    for child in _children(node):
        _visit(child, bound, found)


def _visit_comprehension(loop: Any, bound: Mapping[str, Path], found: _Found) -> None:
    _visit(loop.iter_range, bound, found)
    over = _path(loop.iter_range, bound)
    inner = {**bound, loop.iter_var: over} if over is not None else bound
    for part in (loop.accu_init, loop.loop_condition, loop.loop_step, loop.result):
        _visit(part, inner, found)


def _children(node: Any) -> Iterator[Any]:
    kind = _kind(node)
    if kind == "call_expr":
        if node.call_expr.HasField("target"):
            yield node.call_expr.target
        yield from node.call_expr.args
    elif kind == "list_expr":
        yield from node.list_expr.elements
    elif kind == "select_expr":
        yield node.select_expr.operand


def _compared(args: Any, bound: Mapping[str, Path]) -> Iterator[tuple[Path, str]]:
    """`fact == "word"`, `"word" in facts`, `fact in ["word", …]`, either way round."""
    if len(args) != 2:  # comparisons have two sides
        return
    for one, other in ((args[0], args[1]), (args[1], args[0])):
        path = _path(one, bound)
        if path:
            yield from ((path, word) for word in _texts(other))


def _texts(node: Any) -> Iterator[str]:
    kind = _kind(node)
    if kind == "const_expr" and node.const_expr.HasField("string_value"):
        yield node.const_expr.string_value
    elif kind == "list_expr":
        for element in node.list_expr.elements:
            yield from _texts(element)


def _path(node: Any, bound: Mapping[str, Path]) -> Path | None:
    """The path of a fact below its root, through loop variables; None for anything else."""
    kind = _kind(node)
    if kind == "ident_expr":
        name = node.ident_expr.name
        if name in bound:
            return bound[name]
        return None if name.startswith("@") else ()
    if kind == "select_expr":
        above = _path(node.select_expr.operand, bound)
        return None if above is None else (*above, node.select_expr.field)
    return None


def _kind(node: Any) -> str | None:
    return next((name for name, *_rest in _FIELDS["Expr"] if node.HasField(name)), None)


@cache
def _class_of(name: str) -> Any:
    return message_factory.GetMessageClass(_pool().FindMessageTypeByName(f"tutela_cel.{name}"))


@lru_cache(maxsize=1)
def _pool() -> descriptor_pool.DescriptorPool:
    file = descriptor_pb2.FileDescriptorProto(name="tutela_cel.proto", package="tutela_cel", syntax="proto2")
    for name, fields in _FIELDS.items():
        message = file.message_type.add(name=name)
        for label, number, kind, repeated, of in fields:
            made = message.field.add(name=label, number=number, type=kind, label=3 if repeated else 1)
            if of:
                made.type_name = f".tutela_cel.{of}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return pool
