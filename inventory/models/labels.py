"""What the register's words are called on a page. Source language English; French in the catalogue."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from inventory.domain import words
from kernel.contracts.ingest import CaptureMode, RetentionClass
from kernel.contracts.retention import Kept

TIER = {
    words.Tier.PERSONAL_DEVICE: _("Personal device"),
    words.Tier.WORKSTATION: _("Workstation"),
    words.Tier.INDUSTRIAL_EDGE: _("Industrial edge"),
    words.Tier.RETAIL_EDGE: _("Retail edge"),
    words.Tier.PRIVATE_DATA_CENTRE: _("Private data centre"),
    words.Tier.COLOCATION: _("Colocation"),
    words.Tier.HPC: _("HPC"),
    words.Tier.PUBLIC_CLOUD: _("Public cloud"),
    words.Tier.THIRD_PARTY_API: _("Third-party API"),
}
CONNECTIVITY = {
    words.Connectivity.ONLINE: pgettext_lazy("connectivity", "Online"),
    words.Connectivity.INTERMITTENT: pgettext_lazy("connectivity", "Intermittent"),
    words.Connectivity.OFFLINE: pgettext_lazy("connectivity", "Offline"),
}
FLEET_KIND = {
    words.FleetKind.AI_PC: _("AI PC"),
    words.FleetKind.LAPTOP: _("Laptop"),
    words.FleetKind.PHONE: _("Phone"),
    words.FleetKind.WORKSTATION: _("Workstation"),
    words.FleetKind.EDGE_BOX: _("Edge box"),
    words.FleetKind.GATEWAY: _("Gateway"),
    words.FleetKind.SERVER: _("Server"),
    words.FleetKind.GPU_NODE: _("GPU node"),
    words.FleetKind.OTHER: pgettext_lazy("device", "Other"),
}
RISK_CLASS = {
    words.RiskClass.PROHIBITED: pgettext_lazy("risk class", "Prohibited"),
    words.RiskClass.HIGH: pgettext_lazy("risk class", "High risk"),
    words.RiskClass.TRANSPARENCY: pgettext_lazy("risk class", "Transparency duty"),
    words.RiskClass.MINIMAL: pgettext_lazy("risk class", "Minimal risk"),
    words.RiskClass.UNCLASSIFIED: pgettext_lazy("risk class", "Not yet classified"),
}
SYSTEM_STATE = {
    words.SystemState.PROPOSED: pgettext_lazy("system", "Proposed"),
    words.SystemState.IN_ASSESSMENT: pgettext_lazy("system", "In assessment"),
    words.SystemState.APPROVED: pgettext_lazy("system", "Approved"),
    words.SystemState.LIVE: pgettext_lazy("system", "Live"),
    words.SystemState.RESTRICTED: pgettext_lazy("system", "Restricted"),
    words.SystemState.SUSPENDED: pgettext_lazy("system", "Suspended"),
    words.SystemState.RETIRED: pgettext_lazy("system", "Retired"),
}
DECISION_IMPACT = {
    words.DecisionImpact.INFORMATIONAL: _("Informs"),
    words.DecisionImpact.ASSISTIVE: _("Prepares a person’s decision"),
    words.DecisionImpact.DECISIVE: _("Decides"),
    words.DecisionImpact.UNKNOWN: pgettext_lazy("decision impact", "Unknown"),
}
PERSONS = {
    words.Persons.PATIENTS: _("Patients"),
    words.Persons.EMPLOYEES: _("Employees"),
    words.Persons.APPLICANTS: _("Job applicants"),
    words.Persons.CUSTOMERS: _("Customers"),
    words.Persons.INSURED: _("Insured persons"),
    words.Persons.STUDENTS: _("Students"),
    words.Persons.CHILDREN: _("Children"),
    words.Persons.SUPPLIERS: _("Suppliers’ staff"),
    words.Persons.VISITORS: _("Visitors"),
    words.Persons.PUBLIC: _("The public"),
}
ENTITY_ROLE = {
    words.EntityRole.PROVIDER: pgettext_lazy("entity role", "Provider"),
    words.EntityRole.DEPLOYER: pgettext_lazy("entity role", "Deployer"),
    words.EntityRole.IMPORTER: pgettext_lazy("entity role", "Importer"),
    words.EntityRole.DISTRIBUTOR: pgettext_lazy("entity role", "Distributor"),
    words.EntityRole.CONTROLLER: pgettext_lazy("entity role", "Controller"),
    words.EntityRole.PROCESSOR: pgettext_lazy("entity role", "Processor"),
}
MODEL_KIND = {
    words.ModelKind.LLM: _("Language model"),
    words.ModelKind.EMBEDDING: pgettext_lazy("model", "Embedding"),
    words.ModelKind.RERANKER: _("Reranker"),
    words.ModelKind.CLASSIFIER: _("Classifier"),
    words.ModelKind.VISION: _("Vision"),
    words.ModelKind.SPEECH: _("Speech"),
    words.ModelKind.IMAGE: _("Image generation"),
    words.ModelKind.FORECAST: _("Forecast"),
    words.ModelKind.TABULAR: pgettext_lazy("model", "Tabular"),
    words.ModelKind.OTHER: pgettext_lazy("model", "Other"),
}
MODALITY = {
    words.Modality.TEXT: _("Text"),
    words.Modality.IMAGE: pgettext_lazy("modality", "Image"),
    words.Modality.AUDIO: _("Audio"),
    words.Modality.VIDEO: _("Video"),
    words.Modality.TABULAR: pgettext_lazy("modality", "Tabular"),
    words.Modality.TIME_SERIES: _("Time series"),
    words.Modality.SENSOR: _("Sensor"),
}
MODEL_STATE = {
    words.ModelState.CANDIDATE: pgettext_lazy("model", "Candidate"),
    words.ModelState.APPROVED: pgettext_lazy("model", "Approved"),
    words.ModelState.RESTRICTED: pgettext_lazy("model", "Restricted"),
    words.ModelState.BLOCKED: pgettext_lazy("model", "Blocked"),
    words.ModelState.DEPRECATED: pgettext_lazy("model", "Deprecated"),
    words.ModelState.RETIRED: pgettext_lazy("model", "Retired"),
}
DESCENT = {
    words.Descent.FINE_TUNE: _("Fine-tune of"),
    words.Descent.ADAPTER: _("Adapter for"),
    words.Descent.QUANTISED: _("Quantised from"),
    words.Descent.MERGE: _("Merged from"),
    words.Descent.DISTILLED_FROM: _("Distilled from"),
}
CLASSIFICATION = {
    words.Classification.PUBLIC: pgettext_lazy("classification", "Public"),
    words.Classification.INTERNAL: pgettext_lazy("classification", "Internal"),
    words.Classification.CONFIDENTIAL: pgettext_lazy("classification", "Confidential"),
    words.Classification.RESTRICTED: pgettext_lazy("classification", "Restricted"),
}
PERSONAL_DATA = {
    words.PersonalData.YES: pgettext_lazy("personal data", "Yes"),
    words.PersonalData.NO: pgettext_lazy("personal data", "No"),
    words.PersonalData.UNKNOWN: pgettext_lazy("personal data", "Unknown"),
}
SPECIAL_CATEGORY = {
    words.SpecialCategory.RACIAL_ETHNIC: _("Racial or ethnic origin"),
    words.SpecialCategory.POLITICAL: _("Political opinions"),
    words.SpecialCategory.RELIGIOUS: _("Religious or philosophical beliefs"),
    words.SpecialCategory.TRADE_UNION: _("Trade union membership"),
    words.SpecialCategory.GENETIC: _("Genetic data"),
    words.SpecialCategory.BIOMETRIC: _("Biometric data"),
    words.SpecialCategory.HEALTH: _("Health data"),
    words.SpecialCategory.SEX_LIFE: _("Sex life or sexual orientation"),
    words.SpecialCategory.CRIMINAL: _("Criminal convictions and offences"),
}
ENDPOINT_KIND = {
    words.EndpointKind.MODEL_SERVER: _("Model server"),
    words.EndpointKind.GATEWAY: _("Gateway"),
    words.EndpointKind.PROVIDER_API: _("Provider API"),
    words.EndpointKind.SAAS_FEATURE: _("SaaS feature"),
    words.EndpointKind.EMBEDDED_LIBRARY: _("Embedded library"),
}
OBSERVABLE = {
    words.Observable.SPANS: _("Spans"),
    words.Observable.CONTENT: _("Content"),
    words.Observable.TOKENS: _("Tokens"),
}
MODEL_DISCLOSURE = {
    words.ModelDisclosure.DISCLOSED: pgettext_lazy("models", "Disclosed"),
    words.ModelDisclosure.PARTLY: pgettext_lazy("models", "Partly disclosed"),
    words.ModelDisclosure.NOT_DISCLOSED: pgettext_lazy("models", "Not disclosed"),
}
ENVIRONMENT = {
    words.Environment.PRODUCTION: _("Production"),
    words.Environment.PILOT: _("Pilot"),
    words.Environment.TEST: pgettext_lazy("environment", "Test"),
    words.Environment.DEVELOPMENT: _("Development"),
}
DEPLOYMENT_STATE = {
    words.DeploymentState.PLANNED: pgettext_lazy("deployment", "Planned"),
    words.DeploymentState.LIVE: pgettext_lazy("deployment", "Live"),
    words.DeploymentState.PAUSED: pgettext_lazy("deployment", "Paused"),
    words.DeploymentState.RETIRED: pgettext_lazy("deployment", "Retired"),
}
USE_ROLE = {
    words.UseRole.GENERATION: _("Generation"),
    words.UseRole.EMBEDDING: pgettext_lazy("use", "Embedding"),
    words.UseRole.RERANK: _("Rerank"),
    words.UseRole.GUARD: _("Guard"),
    words.UseRole.FALLBACK: _("Fallback"),
    words.UseRole.PREDICTION: _("Prediction"),
}
BINDING_PURPOSE = {
    words.BindingPurpose.RETRIEVAL: _("Retrieval"),
    words.BindingPurpose.INPUT: pgettext_lazy("data", "Input"),
    words.BindingPurpose.OUTPUT: pgettext_lazy("data", "Output"),
    words.BindingPurpose.TRAINING: pgettext_lazy("data", "Training"),
    words.BindingPurpose.EVALUATION: pgettext_lazy("data", "Evaluation"),
    words.BindingPurpose.LOGGING: pgettext_lazy("data", "Logging"),
}
BASIS = {
    words.Basis.DECLARED: pgettext_lazy("basis", "Declared"),
    words.Basis.OBSERVED: pgettext_lazy("basis", "Observed"),
}
KEY_SCOPE = {
    words.KeyScope.EVERYTHING: _("Everything"),
    words.KeyScope.UNIT: _("One unit"),
    words.KeyScope.SITE: _("One site"),
    words.KeyScope.DEPLOYMENT: _("One deployment"),
}
CAPTURE_MODE = {
    CaptureMode.NONE: pgettext_lazy("capture mode", "Nothing"),
    CaptureMode.HASHED: pgettext_lazy("capture mode", "Fingerprints only"),
    CaptureMode.REDACT: pgettext_lazy("capture mode", "Masked text"),
    CaptureMode.FULL: pgettext_lazy("capture mode", "Full text"),
}
KEPT = {
    Kept.CONTENT: pgettext_lazy("what is kept", "Content"),
    Kept.SPANS: pgettext_lazy("what is kept", "Traces"),
    Kept.SUMS: pgettext_lazy("what is kept", "Sums and accounts"),
}
RETENTION_CLASS = {
    RetentionClass.STANDARD: pgettext_lazy("retention", "Standard"),
    RetentionClass.SHORT: pgettext_lazy("retention", "Short"),
    RetentionClass.LONG: pgettext_lazy("retention", "Long"),
    RetentionClass.HOLD: pgettext_lazy("retention", "Legal hold"),
}
HARDWARE_BASIS = {
    words.HardwareBasis.OWNED: pgettext_lazy("hardware", "Owned"),
    words.HardwareBasis.RENTED: pgettext_lazy("hardware", "Rented"),
}
