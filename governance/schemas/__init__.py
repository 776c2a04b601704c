"""Shapes of governance's API. Moments are RFC 3339 in UTC; unknown is null."""
