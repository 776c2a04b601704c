"""A span as a `with` block, an `async with` block or a decorator. Nothing here raises into its host."""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import wraps
from types import TracebackType
from typing import Any, Generic, ParamSpec, TypeVar, cast

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind

from tutela import _register
from tutela._messages import as_json

AttributeValue = str | bool | int | float | list[str]
P = ParamSpec("P")
T = TypeVar("T")


class Recorded:
    """What happens inside one span, as it becomes known."""

    def __init__(self, span: Span, *, captures: bool) -> None:
        self.span = span
        self._captures = captures and span.is_recording()

    def set(self, name: str, value: AttributeValue | None) -> None:
        """Set an attribute of your own. None sets nothing."""
        if value is not None:
            self.span.set_attribute(name, value)

    def _content(self, name: str, write: Callable[[], str]) -> None:
        if self._captures:
            put_content(self.span, name, write)


def put_content(span: Span, name: str, write: Callable[[], str]) -> None:
    """Put content on a span. What cannot be written down is said instead, for content is of any host's making."""
    try:
        text = write()
    except Exception as error:  # noqa: BLE001  # a circular list or a __str__ that raises must not stop its host
        text = as_json(f"‹not written: {type(error).__name__}›")
    span.set_attribute(
        name, text.encode(errors="replace").decode()
    )  # half characters, which models do produce, cannot travel


R = TypeVar("R", bound=Recorded)


class Block(Generic[R]):
    """Opens a span when entered. One block may be entered once; as a decorator it opens one span per call."""

    def __init__(
        self,
        name: str,
        recorded: type[R],
        *,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Mapping[str, AttributeValue | None] | None = None,
        content: Mapping[str, Callable[[], str] | None] | None = None,
    ) -> None:
        self._name, self._recorded, self._kind = str(name), recorded, kind
        self._attributes = {key: value for key, value in (attributes or {}).items() if value is not None}
        self._content = {key: write for key, write in (content or {}).items() if write is not None}
        self._open: AbstractContextManager[Span] | None = None
        self.span: Span = trace.INVALID_SPAN

    def __enter__(self) -> R:
        recorded = self.start()
        self._open = trace.use_span(self.span, end_on_exit=True)
        self._open.__enter__()
        return recorded

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trail: TracebackType | None
    ) -> None:
        if error is not None:
            self.fail(error)
        if self._open is not None:
            opened, self._open = self._open, None
            opened.__exit__(kind, error, trail)

    async def __aenter__(self) -> R:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trail: TracebackType | None
    ) -> None:
        self.__exit__(kind, error, trail)

    def __call__(self, function: Callable[P, T]) -> Callable[P, T]:
        """Wrap a function, a coroutine function or a generator: one span for each call, as long as it runs."""
        if inspect.iscoroutinefunction(function):
            wrapped: Any = self._around_coroutine(function)
        elif inspect.isasyncgenfunction(function):
            wrapped = self._around_async_generator(function)
        elif inspect.isgeneratorfunction(function):
            wrapped = self._around_generator(function)
        else:
            wrapped = self._around_function(function)
        return cast("Callable[P, T]", wraps(function)(wrapped))

    def _around_function(self, function: Callable[P, T]) -> Callable[P, T]:
        def call(*args: P.args, **kwargs: P.kwargs) -> T:
            with self._again():
                return function(*args, **kwargs)

        return call

    def _around_coroutine(self, function: Callable[..., Any]) -> Callable[..., Any]:
        async def call(*args: Any, **kwargs: Any) -> Any:
            with self._again():
                return await function(*args, **kwargs)

        return call

    def _around_generator(self, function: Callable[..., Iterator[Any]]) -> Callable[..., Iterator[Any]]:
        def call(*args: Any, **kwargs: Any) -> Iterator[Any]:
            with _Detached(self._again()):
                yield from function(*args, **kwargs)

        return call

    def _around_async_generator(
        self, function: Callable[..., AsyncIterator[Any]]
    ) -> Callable[..., AsyncIterator[Any]]:
        async def call(*args: Any, **kwargs: Any) -> AsyncIterator[Any]:
            with _Detached(self._again()):
                async for item in function(*args, **kwargs):
                    yield item

        return call

    def _again(self) -> Block[R]:
        return Block(
            self._name, self._recorded, kind=self._kind, attributes=self._attributes, content=self._content
        )

    def start(self) -> R:
        """Begin the span without making it the current one."""
        handle = _register.current()
        self.span = handle.tracer().start_span(self._name, kind=self._kind, attributes=self._attributes)
        if handle.captures and self.span.is_recording():
            for key, write in self._content.items():
                put_content(self.span, key, write)
        return self._recorded(self.span, captures=handle.captures)

    def fail(self, error: BaseException) -> None:
        """Name the class of the error on the span. Leaving by GeneratorExit or KeyboardInterrupt is none."""
        if isinstance(error, Exception):
            self.span.set_attribute("error.type", type(error).__qualname__)


class _Detached:
    """A block whose span is not the current one: a generator gives control back to its caller between its steps."""

    def __init__(self, block: Block[Any]) -> None:
        self._block = block

    def __enter__(self) -> None:
        self._block.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trail: TracebackType | None
    ) -> None:
        span = self._block.span
        if isinstance(error, Exception):
            self._block.fail(error)
            span.record_exception(error)
            span.set_status(trace.StatusCode.ERROR, f"{type(error).__name__}: {error}")
        span.end()
