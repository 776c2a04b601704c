"""The entry point of `opentelemetry-instrument`: what OpenTelemetry's own configurator does, and then `register`."""

from __future__ import annotations

import os
from typing import Any

from opentelemetry.sdk._configuration import _OTelSDKConfigurator

from tutela._register import register


class TutelaConfigurator:
    """Sets up OpenTelemetry from its own variables, and Tutela beside it when TUTELA_ENDPOINT or TUTELA_KEY is set."""

    def configure(self, **kwargs: Any) -> None:
        """Called once by `opentelemetry-instrument`, before the program."""
        configurator: Any = _OTelSDKConfigurator  # untyped in the SDK
        configurator().configure(**kwargs)
        if os.environ.get("TUTELA_ENDPOINT") or os.environ.get("TUTELA_KEY"):
            register()
