from __future__ import annotations

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from console import first_run
from kernel.errors import TutelaError


class Command(BaseCommand):
    help = (
        "Make an account that administers the whole organisation. The password is asked for, read from standard input, "
        "or generated and shown once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="Administrator")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--generate", action="store_true", help="make a password and show it once")
        how.add_argument("--stdin", action="store_true", help="read the password from standard input")

    def handle(self, *_args: Any, **options: Any) -> None:
        password = _password(generate=options["generate"], stdin=options["stdin"])
        try:
            first_run.create_administrator(email=options["email"], name=options["name"], password=password)
        except TutelaError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{options['email']} administers the whole organisation.")
        if options["generate"]:
            self.stdout.write(f"Password, shown once: {password}")


def _password(*, generate: bool, stdin: bool) -> str:
    if generate:
        return first_run.generated_password()
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    first, second = getpass.getpass("Password: "), getpass.getpass("Again: ")
    if first != second:
        raise CommandError("The two passwords differ. Nothing was made.")
    return first
