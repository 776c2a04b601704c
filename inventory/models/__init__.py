"""Tables of the register: people decide what stands in them. Rows are retired, never deleted."""

from __future__ import annotations

from inventory.models.costs import CostProfile, CostSettings, ExchangeRate, SeatPrice
from inventory.models.datasets import Dataset, DatasetVersion
from inventory.models.deployments import Binding, Deployment, DeploymentUse, Placement
from inventory.models.endpoints import Endpoint, EndpointRoute, EndpointServes
from inventory.models.imports import ImportDraft
from inventory.models.organisation import LegalEntity, Unit
from inventory.models.places import Fleet, Site
from inventory.models.prices import OwnPrice, PriceBook, PriceEntry
from inventory.models.retention import RetentionRule
from inventory.models.senders import EndpointKey, SenderDismissal, SenderRule
from inventory.models.systems import System, SystemRole
from inventory.models.weights import Model, ModelRelation, ModelTraining, ModelVersion

__all__ = [
    "Binding",
    "CostProfile",
    "CostSettings",
    "Dataset",
    "DatasetVersion",
    "Deployment",
    "DeploymentUse",
    "Endpoint",
    "EndpointKey",
    "EndpointRoute",
    "EndpointServes",
    "ExchangeRate",
    "Fleet",
    "ImportDraft",
    "LegalEntity",
    "Model",
    "ModelRelation",
    "ModelTraining",
    "ModelVersion",
    "OwnPrice",
    "Placement",
    "PriceBook",
    "PriceEntry",
    "RetentionRule",
    "SeatPrice",
    "SenderDismissal",
    "SenderRule",
    "Site",
    "System",
    "SystemRole",
    "Unit",
]
