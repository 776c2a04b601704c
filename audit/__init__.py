"""The ledger: who did what, on which thing, when and why. What is written here never changes."""
