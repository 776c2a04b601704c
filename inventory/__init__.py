"""The register of the estate: what AI there is, where it runs, on whose data, and who answers for it."""
