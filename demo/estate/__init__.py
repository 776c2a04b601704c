"""Groupe Armor on the register: units, people, places, models, data, systems, senders.

built = estate.build(actor, home=config.home)      # a second run changes nothing
built.keys["claims-triage"]                        # the demo's own endpoint keys, for its traffic
"""

from __future__ import annotations

from demo.estate.build import Built, build
from demo.estate.keys import read_keys

__all__ = ["Built", "build", "read_keys"]
