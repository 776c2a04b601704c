"""The engines: text in, findings or verdicts out. No Django, no database, no network at any time."""
