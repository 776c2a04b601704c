"""Checks on content: personal data, groundedness, secrets; their engines, their work, the check API."""
