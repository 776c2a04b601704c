"""CEL (the official C++ core, `cel-expr-python`) behind a small adapter: compile with types, evaluate without surprises.

An expression is compiled twice. Once against the declared facts as message types, which finds every unknown fact and
every comparison of a number with a text and says where. And once against plain maps, for evaluation: there a fact that
is not known is a missing key and so an error, never an empty text or a zero. Errors propagate as CEL has it: what is
true or false whatever the missing fact would be is still decided.

Hostile input is bounded by 2,000 characters, the core's own limits (32 levels, 10,000 iterations per evaluation) and
RE2, which knows no backtracking.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

from cel_expr_python import cel
from django.utils.translation import gettext as _
from google.protobuf import descriptor_pb2, descriptor_pool

from governance.adapters.cel_tree import read_tree
from governance.domain import facts as vocabulary
from governance.domain.facts import Fact, FactType
from governance.domain.policies import LONGEST_EXPRESSION, Answer, SubjectKind

ENGINE = f"cel-expr-python {version('cel-expr-python')}"
"""Kept with every decision."""
_MOST_PROGRAMS = 2_000
_PACKAGE = "tutela"
_LABELS = {FactType.TEXTS: 3, FactType.RECORDS: 3}
_TYPES = {FactType.TEXT: 9, FactType.TEXTS: 9, FactType.NUMBER: 3, FactType.YES_NO: 8, FactType.RECORD: 11, FactType.RECORDS: 11}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an expression: where (0 when nowhere in particular), what, what would do."""

    line: int
    column: int
    message: str

    def __str__(self) -> str:
        if not self.line:
            return self.message
        return _("Line %(line)s, character %(column)s: %(message)s") % {
            "line": self.line,
            "column": self.column,
            "message": self.message,
        }


class ExpressionError(ValueError):
    """An expression cannot be accepted. `problems` are for people."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled expression over the facts of one kind of subject. Safe to use from many threads."""

    kind: SubjectKind
    text: str
    reads: tuple[str, ...]
    _expression: Any

    def ask(self, activation: Mapping[str, Any]) -> Answer:
        """Hold facts against it. Never raises: what is missing or goes wrong is an answer without a value."""
        try:
            result = self._expression.eval(data=dict(activation))
            if result.type() == cel.Type.BOOL:
                return Answer(bool(result.value()))
            return Answer(None, self._why(str(result.value())))
        except Exception as error:  # noqa: BLE001  # the core raises what it likes; none of it may be a pass
            return Answer(None, self._why(str(error)))

    def _why(self, message: str) -> str:
        """Why an evaluation came to nothing, stable enough to be grouped by: `missing: places.country`, `budget`."""
        if match := _MISSING.search(message):
            return f"missing: {self._path_of(match[1])}"
        return next((word for sign, word in _REASONS.items() if sign in message), "error")

    def _path_of(self, name: str) -> str:
        """The path down to a missing fact; its bare name where several facts of this expression bear it."""
        steps = (read.split(".") for read in self.reads)
        paths = {".".join(read[: read.index(name) + 1]) for read in steps if name in read}
        return paths.pop() if len(paths) == 1 else name


_lock = threading.Lock()
_programs: OrderedDict[tuple[SubjectKind, str], Program] = OrderedDict()


def compile_expression(kind: SubjectKind, text: str) -> Program:
    """Compile an expression over the facts of a kind of subject. Compiled programs are kept. Raises ExpressionError."""
    key = (kind, text)
    with _lock:
        known = _programs.get(key)
        if known is not None:
            _programs.move_to_end(key)
            return known
    made = _compile(kind, text)
    with _lock:
        _programs[key] = made
        while len(_programs) > _MOST_PROGRAMS:
            _programs.popitem(last=False)
    return made


def _compile(kind: SubjectKind, text: str) -> Program:
    _refuse_size(text)
    checked = _checked(kind, text)
    if checked.return_type() != cel.Type.BOOL:
        raise ExpressionError(
            [
                Problem(
                    0, 0, _("It must come to yes or no, such as a comparison; this comes to something else.")
                )
            ]
        )
    tree = read_tree(checked.serialize())
    strangers = [_unknown_word(path, fact, word) for path, fact, word in _strange_words(kind, tree.compared)]
    if strangers:
        raise ExpressionError(strangers)
    try:
        runnable = _running(kind).compile(text)
    except Exception as error:  # a RuntimeError today; whatever it is, the text is refused
        raise ExpressionError(_problems(kind, str(error))) from error
    return Program(kind, text, tree.reads, runnable)


def _refuse_size(text: str) -> None:
    if not text.strip():
        raise ExpressionError([Problem(0, 0, _("There is no expression."))])
    if len(text) > LONGEST_EXPRESSION:
        message = _("It has %(length)s characters; %(most)s are allowed. Make two policies of it.")
        raise ExpressionError([Problem(0, 0, message % {"length": len(text), "most": LONGEST_EXPRESSION})])


def _checked(kind: SubjectKind, text: str) -> Any:
    try:
        return _declared(kind).compile(text)
    except Exception as error:  # a RuntimeError today; whatever it is, the text is refused
        raise ExpressionError(_problems(kind, str(error))) from error


def _strange_words(
    kind: SubjectKind, compared: Iterable[tuple[tuple[str, ...], str]]
) -> Iterable[tuple[str, Fact, str]]:
    """Texts that are compared with a fact of a closed vocabulary and are not in it: never true, silently."""
    for path, word in compared:
        fact = vocabulary.find(kind, path)
        if fact is not None and fact.allowed and word not in fact.allowed:
            yield ".".join((kind.value, *path)), fact, word


def _unknown_word(path: str, fact: Fact, word: str) -> Problem:
    message = _("“%(word)s” is no value of %(path)s. There are: %(allowed)s.")
    return Problem(0, 0, message % {"word": word, "path": path, "allowed": ", ".join(fact.allowed)})


@cache
def _declared(kind: SubjectKind) -> Any:
    """The environment that checks: facts as message types."""
    pool = descriptor_pool.DescriptorPool()
    file = descriptor_pb2.FileDescriptorProto(name="facts.proto", package=_PACKAGE, syntax="proto3")
    _message(file, _type_name(kind.value), vocabulary.VOCABULARY[kind])
    pool.Add(file)
    return cel.NewEnv(pool, variables={kind.value: cel.Type(f"{_PACKAGE}.{_type_name(kind.value)}")})


@cache
def _running(kind: SubjectKind) -> Any:
    """The environment that evaluates: facts as maps, where what is missing is an error."""
    return cel.NewEnv(variables={kind.value: cel.Type.DYN})


def _message(file: Any, name: str, facts: tuple[Fact, ...]) -> None:
    message = file.message_type.add(name=name)
    for number, fact in enumerate(facts, start=1):
        field = message.field.add(
            name=fact.name, number=number, type=_TYPES[fact.type], label=_LABELS.get(fact.type, 1)
        )
        if fact.fields:
            inner = f"{name}_{fact.name}"
            field.type_name = f".{_PACKAGE}.{inner}"
            _message(file, inner, fact.fields)


def _type_name(kind: str) -> str:
    return kind.capitalize()


_ERROR = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): ([^\n]*)")
_NO_FIELD = re.compile(r"undefined field '(\w+)' not found in struct '([\w.]+)'")
_NO_NAME = re.compile(r"undeclared reference to '([\w.]*)'")
_NO_OVERLOAD = re.compile(r"found no matching overload for '([^']+)' applied to '(.*)'")
_REASONS = {"No value with name": "missing: all", "Iteration budget": "budget", "overload": "type", "overflow": "overflow",
            "divide by zero": "zero"}  # fmt: skip
_MISSING = re.compile(r'Key not found in map : "(\w+)"')


def _problems(kind: SubjectKind, text: str) -> list[Problem]:
    """The core's messages in words for people. Those that are unknown stand as they are."""
    found = [
        Problem(
            max(int(line), 0),
            max(int(column), 0),
            _in_words(kind, message.replace(" [INVALID_ARGUMENT]", "")),
        )
        for line, column, message in _ERROR.findall(text)
    ]
    first_only = "Syntax error" in text  # what follows the first one is about a text that nobody wrote
    unique = list(dict.fromkeys(found))[: 1 if first_only else None]
    return unique or [Problem(0, 0, _in_words(kind, text))]


def _in_words(kind: SubjectKind, message: str) -> str:
    if match := _NO_FIELD.search(message):
        return _no_field(kind, match[1], match[2])
    if match := _NO_NAME.search(message):
        return _("“%(name)s” is not known here. All facts begin with “%(root)s.”.") % {
            "name": match[1].strip(".") or "?",
            "root": kind.value,
        }
    if match := _NO_OVERLOAD.search(message):
        return _no_overload(match[1], match[2])
    if "recursion" in message:
        return _("It is nested too deeply. Use fewer brackets, or make two policies of it.")
    if "Syntax error" in message:
        return _syntax(message)
    return message


def _no_field(kind: SubjectKind, name: str, struct: str) -> str:
    fact = _by_type_name(kind, struct)
    fields = fact.fields if fact else vocabulary.VOCABULARY[kind]
    return _("There is no fact “%(name)s” in “%(above)s”. There are: %(allowed)s.") % {
        "name": name,
        "above": f"{kind.value}.{fact.name}" if fact else kind.value,
        "allowed": ", ".join(field.name for field in fields),
    }


def _by_type_name(kind: SubjectKind, struct: str) -> Fact | None:
    """The record whose message type has this name; None for the root."""
    for path, fact in vocabulary.walk(vocabulary.VOCABULARY[kind], _type_name(kind.value)):
        if fact.fields and f"{_PACKAGE}.{path.replace('[]', '').replace('.', '_')}" == struct:
            return fact
    return None


_OPERATORS = {"_==_": "==", "_!=_": "!=", "_<_": "<", "_<=_": "<=", "_>_": ">", "_>=_": ">=", "_+_": "+", "_-_": "-",
              "_*_": "*", "_/_": "/", "_&&_": "&&", "_||_": "||", "!_": "!", "@in": "in"}  # fmt: skip


def _no_overload(operator: str, types: str) -> str:
    return _(
        "“%(operator)s” does not go with %(types)s. Compare like with like: texts in quotes, numbers without."
    ) % {
        "operator": _OPERATORS.get(operator, operator),
        "types": ", ".join(_type_word(part) for part in _parts(types)),
    }


def _parts(types: str) -> list[str]:
    return [part.strip() for part in types.strip("()").split(", ")]


def _type_word(name: str) -> str:
    known = {
        "int": _("a number"),
        "double": _("a number with decimals"),
        "string": _("a text"),
        "bool": _("a yes or no"),
        "null": _("nothing"),
    }
    bare = name.strip("()")
    if bare.startswith("list"):
        return _("a list")
    if bare.startswith((_PACKAGE, "map")):
        return _("a group of facts")
    return known.get(bare, bare)


def _syntax(message: str) -> str:
    if "<EOF>" in message.split("expecting", maxsplit=1)[0]:
        return _("It ends too early: something is missing after the last word.")
    what = re.search(r"'((?:[^'\\]|\\.)*)'", message)
    if what is None:
        return _("This is not written as an expression must be.")
    if what[1].startswith("="):
        return _("Two things are compared with “==”; one “=” alone means nothing here.")
    return _("“%(what)s” does not belong here.") % {"what": what[1]}
