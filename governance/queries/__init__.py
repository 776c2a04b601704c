"""Reads of governance. Bounded queries that answer with values, scoped by what the actor may see."""
