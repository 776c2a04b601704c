"""The outside of governance, one file per outside thing."""
