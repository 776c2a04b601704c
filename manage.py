#!/usr/bin/env python
"""The operator's command line: `python manage.py help`."""

from __future__ import annotations

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
    from django.core.management import execute_from_command_line

    from kernel.config import BadConfiguration

    try:
        execute_from_command_line(sys.argv)
    except BadConfiguration as error:
        sys.exit(f"Nothing was started. {error}")
