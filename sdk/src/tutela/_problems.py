"""What can go wrong on the way to the server, in words: what happened, why, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass

_HTML = "text/html"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that went wrong. `code` is a stable word for programs; the rest is for people."""

    code: str
    what: str
    why: str
    next: str

    def __str__(self) -> str:
        return f"{self.what}. {self.why[:1].upper()}{self.why[1:]}. Next: {self.next}."


class SettingsError(ValueError):
    """A setting that cannot be used, with the problem in words."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


_BY_STATUS: dict[int, tuple[str, str, str]] = {
    400: (
        "undecodable",
        "the server could not decode the spans",
        "look for a proxy that rewrites request bodies, and compare the versions of tutela and of the server",
    ),
    401: (
        "key_refused",
        "the endpoint key is missing, unknown, revoked or was cut off when it was pasted",
        "copy the key again, or make a new one in the console under Settings, Endpoint keys, and set TUTELA_KEY",
    ),
    403: (
        "forbidden",
        "the key is known, but it may not do this",
        "look up the scope of the key in the console under Settings, Endpoint keys",
    ),
    404: (
        "wrong_port",
        "something answers there, but it does not take spans: this is probably the port of the console, not the OTLP port",
        "use the OTLP/HTTP address that `make run` prints (port 4318 unless it was moved)",
    ),
    413: (
        "too_large",
        "one span is larger than the server accepts",
        "send less text in one span, or raise the limit of the server",
    ),
    415: (
        "wrong_type",
        "the server does not take OTLP protobuf at this address",
        "check that the address is the OTLP/HTTP address of Tutela or of a Collector",
    ),
    429: (
        "slow_down",
        "the server asks this endpoint to slow down",
        "wait: the spans are sent again by themselves. If it stays so, look at the ingest limits in the console",
    ),
}
_KNOWN_BETTER_THERE = frozenset({401, 403})  # about a key the server knows exactly what is wrong
_BUSY = (
    "busy",
    "the server, or a proxy before it, cannot take spans at the moment",
    "wait: the spans are sent again by themselves. If it stays so, look at the health page of the console",
)
_OTHER = (
    "unexpected",
    "this is no answer that OTLP knows",
    "check that the address is the OTLP/HTTP address of Tutela",
)


def of_status(status: int, *, url: str, said: str = "") -> Problem:
    """The problem behind an HTTP status that is no success. `said` is the server's own message, if it gave one."""
    if 300 <= status < 400:  # the class of redirects, as RFC 9110 numbers it
        return _redirected(status, url)
    code, why, then = _BUSY if status in {502, 503, 504} else _BY_STATUS.get(status, _OTHER)
    said = " ".join(said.split())[:300].rstrip(".")
    if said and status in _KNOWN_BETTER_THERE:
        why = f"the server says: “{said}”"
    elif said:
        why = f"{why} (the server says: “{said}”)"
    return Problem(code, f"{url} answered {status}", why, then)


def of_page(url: str) -> Problem:
    """The problem of a success that carries a web page: a portal or a console answered, not an OTLP receiver."""
    return Problem(
        "web_page",
        f"{url} answered with a web page",
        "an OTLP receiver never does that: a login portal or the console answered in its place, and the spans are gone",
        "use the OTLP/HTTP address of Tutela (port 4318 unless it was moved)",
    )


def is_page(content_type: str) -> bool:
    """Whether a response is meant for a browser."""
    return content_type.lower().startswith(_HTML)


def of_key(why: str) -> Problem:
    """The problem of a key that cannot be right, whatever the server would say."""
    return Problem(
        "key_malformed",
        "The endpoint key cannot be right",
        why,
        "copy the whole key again (ttl_ep_…), or make a new one in the console under Settings, Endpoint keys",
    )


def of_setting(name: str, why: str, *, then: str = "correct it, or leave it out") -> Problem:
    """The problem of a setting whose value cannot be used."""
    return Problem("setting", f"The setting {name} cannot be used", why, then)


def unreachable(url: str, reason: str) -> Problem:
    """Nobody answers at the address."""
    return Problem(
        "unreachable",
        f"{url} cannot be reached",
        reason,
        "check that the server runs, that name and port are right, and that no firewall stands between",
    )


def not_http(url: str) -> Problem:
    """Something answers that does not speak HTTP/1.1."""
    return Problem(
        "not_http",
        f"What answers at {url} does not speak HTTP",
        "this is probably the port of OTLP/gRPC",
        "use the OTLP/HTTP address (port 4318 unless it was moved), or set TUTELA_PROTOCOL=grpc",
    )


def timed_out(url: str, seconds: float) -> Problem:
    """The server took the connection and did not answer in time."""
    return Problem(
        "timeout",
        f"{url} did not answer within {seconds:.1f} s",
        "the server is overloaded, or a firewall swallows the packets",
        "wait: the spans are sent again by themselves. If it stays so, look at the health page of the console",
    )


def tls(url: str, reason: str) -> Problem:
    """No secure connection could be made."""
    return Problem(
        "tls",
        f"No secure connection to {url}",
        reason,
        "for a certificate of your own authority, name its file in TUTELA_CERTIFICATE; for a server without TLS, use http://",
    )


def ended(seconds: float) -> Problem:
    """The process went away before everything was delivered."""
    return Problem(
        "ended",
        "The process ended before all spans were delivered",
        f"they did not get through within the {seconds:g} s that shutting down may take",
        "look at the error before this one, or raise TUTELA_SHUTDOWN_TIMEOUT",
    )


def queue_full(size: int) -> Problem:
    """More spans ended than could be sent."""
    return Problem(
        "queue_full",
        f"More than {size} spans are waiting, so the oldest are dropped",
        "spans end faster than the server takes them, or the server has been away for long",
        "look at the error before this one, or raise OTEL_BSP_MAX_QUEUE_SIZE",
    )


def unencodable(reason: str) -> Problem:
    """A span that OTLP cannot express."""
    return Problem(
        "unencodable",
        "A span could not be written as OTLP",
        reason,
        "look for an attribute of an unusual type in your own instrumentation",
    )


def no_thread(reason: str) -> Problem:
    """The thread that sends cannot be started."""
    return Problem(
        "no_thread",
        "Spans cannot be sent from here",
        f"no thread can be started ({reason}): the interpreter is going down, or a limit of the system is reached",
        "call shutdown() before the end of the program, or raise the limit",
    )


def rejected(spans: int, message: str) -> Problem:
    """The server took the request and refused some of its spans."""
    return Problem(
        "rejected",
        f"The server refused {spans} spans of a batch",
        " ".join(message.split())[:300].rstrip(".") or "it does not say why",
        "look at the page of rejected spans in the console",
    )


def broken(error: BaseException) -> Problem:
    """Something that nobody foresaw, inside this SDK."""
    return Problem(
        "broken",
        "Tutela's SDK failed",
        f"{type(error).__name__}: {' '.join(str(error).split())[:200]}",
        "your program is not affected; report this line to those who run Tutela",
    )


def _redirected(status: int, url: str) -> Problem:
    return Problem(
        "redirected",
        f"{url} answered {status}, a redirect",
        "an OTLP receiver never redirects: a proxy, a login page or an http:// address in place of https:// is in the way",
        "use the address where the OTLP receiver itself answers",
    )
