"""OTLP in: HTTP and gRPC, limits before any parse, decode, keep, capture, commit, and only then an answer."""
