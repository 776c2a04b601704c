"""The record: what machines report, taken in over OpenTelemetry, stored, queried and shown."""
