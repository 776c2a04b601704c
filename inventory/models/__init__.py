"""Tables of the register: people decide what stands in them. Rows are retired, never deleted."""

from __future__ import annotations

from inventory.models.datasets import Dataset, DatasetVersion
from inventory.models.deployments import Binding, Deployment, DeploymentUse, Placement
from inventory.models.endpoints import Endpoint, EndpointRoute, EndpointServes
from inventory.models.organisation import LegalEntity, Unit
from inventory.models.places import Fleet, Site
from inventory.models.retention import RetentionRule
from inventory.models.senders import EndpointKey, SenderDismissal, SenderRule
from inventory.models.systems import System, SystemRole
from inventory.models.weights import Model, ModelRelation, ModelTraining, ModelVersion

__all__ = [
    "Binding",
    "Dataset",
    "DatasetVersion",
    "Deployment",
    "DeploymentUse",
    "Endpoint",
    "EndpointKey",
    "EndpointRoute",
    "EndpointServes",
    "Fleet",
    "LegalEntity",
    "Model",
    "ModelRelation",
    "ModelTraining",
    "ModelVersion",
    "Placement",
    "RetentionRule",
    "SenderDismissal",
    "SenderRule",
    "Site",
    "System",
    "SystemRole",
    "Unit",
]
