"""Rules and values of governance: no Django, no database."""
