"""Import contracts of our own, for import-linter."""

from __future__ import annotations

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class FixedNames(Contract):
    """The direct modules of a package bear names from a list, so that a line of code knows its room."""

    type_name = "fixed_names"

    packages = fields.ListField(subfield=fields.StringField())
    names = fields.SetField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        strangers = sorted(
            module
            for package in self.packages
            if package in graph.modules
            for module in graph.find_children(package)
            if module.rpartition(".")[2] not in self.names
        )
        return ContractCheck(kept=not strangers, metadata={"strangers": strangers})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for module in check.metadata["strangers"]:
            output.print_error(
                f"{module} is no room of this house. The rooms are: {', '.join(sorted(self.names))}."
            )


class ForbiddenCore(Contract):
    """All of a package but its named edges stays away from some modules, directly and through others."""

    type_name = "forbidden_core"

    package = fields.StringField()
    edges = fields.SetField(subfield=fields.StringField())
    forbidden = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        core = [
            module
            for module in sorted(graph.find_children(self.package))
            if module.rpartition(".")[2] not in self.edges
        ]
        chains = [
            min(found)
            for module in core
            for target in self.forbidden
            if target in graph.modules
            and (found := graph.find_shortest_chains(importer=module, imported=target, as_packages=True))
        ]
        return ContractCheck(kept=not chains, metadata={"chains": chains})

    def render_broken_contract(self, check: ContractCheck) -> None:
        for chain in check.metadata["chains"]:
            output.print_error(" imports ".join(chain))
