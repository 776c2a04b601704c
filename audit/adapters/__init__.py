"""The outside of the ledger: database triggers."""
