"""The command `tutela`: whether spans arrive, said in words."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from tutela._settings import Options
from tutela._version import __version__
from tutela.cli import _check, _trace

EXIT_CODES = "exit codes: 0 it arrived, 1 it did not arrive (the words say why), 2 the settings or the command are wrong"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    parsed = _parser().parse_args(arguments)
    logging.getLogger("tutela").setLevel(logging.CRITICAL)  # the command says the same things itself
    report = parsed.run(parsed.endpoint, parsed.key, _options(parsed), patience=parsed.wait)
    print(report.as_json() if parsed.json else report.as_text())
    return int(report.exit_code)


def _options(parsed: argparse.Namespace) -> Options:
    return {
        "deployment": parsed.deployment,
        "service_name": parsed.service_name,
        "environment": parsed.environment,
        "site": parsed.site,
        "certificate": parsed.certificate,
        "protocol": parsed.protocol,
    }


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tutela", description=__doc__, epilog=EXIT_CODES)
    parser.add_argument("--version", action="version", version=f"tutela {__version__}")
    commands = parser.add_subparsers(required=True, metavar="command")
    check = "send one test span, and say whether it arrived, under which sender, resolved to what"
    trace = "send a small trace: an agent that searches, asks a model and uses a tool"
    _common(commands.add_parser("check", help=check, description=check, epilog=EXIT_CODES), _check.run)
    _common(
        commands.add_parser("send-test-trace", help=trace, description=trace, epilog=EXIT_CODES), _trace.run
    )
    return parser


def _common(parser: argparse.ArgumentParser, run: object) -> None:
    parser.set_defaults(run=run)
    parser.add_argument(
        "--endpoint", help="OTLP address, such as https://tutela.example:4318 (TUTELA_ENDPOINT)"
    )
    parser.add_argument(
        "--key", help="endpoint key (better in TUTELA_KEY: a command line can be read by others)"
    )
    parser.add_argument("--deployment", help="the deployment to speak for (TUTELA_DEPLOYMENT)")
    parser.add_argument("--service-name", help="the service to speak as (OTEL_SERVICE_NAME)")
    parser.add_argument("--environment", help="production, test … (TUTELA_ENVIRONMENT)")
    parser.add_argument("--site", help="the site to speak from (TUTELA_SITE)")
    parser.add_argument(
        "--certificate", help="file with the certificate of your own authority (TUTELA_CERTIFICATE)"
    )
    parser.add_argument("--protocol", help="http or grpc (TUTELA_PROTOCOL)")
    parser.add_argument("--wait", type=float, default=10.0, metavar="SECONDS", help="patience in all (10)")
    parser.add_argument("--json", action="store_true", help="answer in JSON, for scripts")


if __name__ == "__main__":
    sys.exit(main())
