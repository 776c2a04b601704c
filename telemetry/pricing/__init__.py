"""What a call cost: integers only, no database, no register. What it asks comes by `kernel.contracts.pricing`."""

from __future__ import annotations

from telemetry.pricing.amounts import Quantities, amount, hardware_amount
from telemetry.pricing.pricer import Pricer, may_cost, names_usage
from telemetry.pricing.tiers import context_of

__all__ = ["Pricer", "Quantities", "amount", "context_of", "hardware_amount", "may_cost", "names_usage"]
