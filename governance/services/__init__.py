"""Verbs of governance. One verb = one transaction = its entries in the ledger; rights are asked for inside."""
