"""What can be taken away as evidence. Each app contributes its datasets here, by registration.

evidence.register(Dataset("register.systems", _("AI systems"), Permission.REGISTER_READ, columns, rows))
"""

from __future__ import annotations

from audit.evidence.datasets import Dataset, Scope, Table, all_datasets, datasets_for, register

__all__ = ["Dataset", "Scope", "Table", "all_datasets", "datasets_for", "register"]
