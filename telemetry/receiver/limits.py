"""What one request, one span and one key may cost. Everything hostile ends at one of these numbers."""

from __future__ import annotations

MIB = 1024 * 1024

# a request
MAX_BODY_BYTES = 16 * MIB  # as it comes over the wire, compressed or not
MAX_INFLATED_BYTES = 64 * MIB
MAX_SPANS = 20_000  # spans, or log records, of one request
MAX_FRAMES = (
    60_000  # fields of a request down to its spans: resources, scopes, spans, and what is unknown between
)
MAX_DEEP_ELEMENTS = 500_000  # fields inside the large spans of one request, all together
MAX_JSON_ELEMENTS = 1_000_000  # braces, brackets and commas outside strings
JSON_BYTES_SAFE_UNCOUNTED = 1 * MIB  # so short a text cannot hold enough elements to hurt

# a span
SPAN_BYTES_SAFE_UNCOUNTED = (
    16 * 1024
)  # so few bytes cannot hold enough elements to hurt; counted exactly after decoding
MAX_SPAN_ELEMENTS = 50_000  # fields at all depths of one span
MAX_ATTRIBUTES = 256  # of a span; of each of its events as well
MAX_EVENTS = 512
MAX_VALUE_DEPTH = 20  # arrays and maps within a value
MAX_KEY_CHARACTERS = 256  # a longer attribute key is dropped, with a flag
MAX_VALUE_CHARACTERS = 4 * MIB  # a longer text is cut, with a flag

# time
WINDOW_PAST_DAYS = 400
WINDOW_AHEAD_S = 3600
EDGE_AHEAD_S = 60  # a start further ahead of our clock than this is flagged: one of the two clocks is wrong

# a key and its senders
MAX_DEVICES_PER_SENDER = 10_000
DEVICE_REFRESH_S = 600  # how old a device's "last seen" may become before it is written again

# the process
MAX_IN_FLIGHT_BYTES = (
    80 * MIB
)  # bodies read, inflated and waiting for their commit; Python holds about 2.5 times as much
MAX_GROUP_SPANS = 4096  # one transaction
READ_TIMEOUT_S = 30.0  # for a whole body
DRAIN_BYTES = 64 * MIB  # of a refused body, read and thrown away so that the client sees the answer
DRAIN_TIMEOUT_S = 10.0
COMMIT_TIMEOUT_S = 30.0
RETRY_AFTER_S = 1  # stock exporters give up when this exceeds what is left of their ten seconds
RETRY_AFTER_STORE_S = 2

# log records that wait for their span
WAITING_HOURS = 24
LATE_EVERY_S = 2.0
LATE_AT_ONCE = 500
