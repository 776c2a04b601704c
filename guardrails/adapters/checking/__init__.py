"""The synchronous check API, served by a process of its own. It stores no text and logs none."""
