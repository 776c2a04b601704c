"""Groupe Armor: an invented organisation with its estate, its past and its traffic.

estate         what the register holds: units, sites, systems, models, datasets, deployments, rules, keys
conversations  what is said: believable exchanges in French and English, the same for the same seed
dialects       how a step of a conversation looks in each dialect of AI telemetry
past           ninety days of it, through the real ingest pipeline
traffic        the live process: the `tutela` SDK and plain OpenTelemetry SDKs, over HTTP and gRPC

Nothing here names a real person. Identifiers come from Faker, with valid check digits, and belong to nobody.
"""
