"""The closed vocabularies of the register. Values are stored as they stand; labels live beside the models."""

from __future__ import annotations

from enum import StrEnum


class Tier(StrEnum):
    """What kind of place a site is: the nine tiers of a hybrid estate."""

    PERSONAL_DEVICE = "personal_device"
    WORKSTATION = "workstation"
    INDUSTRIAL_EDGE = "industrial_edge"
    RETAIL_EDGE = "retail_edge"
    PRIVATE_DATA_CENTRE = "private_data_centre"
    COLOCATION = "colocation"
    HPC = "hpc"
    PUBLIC_CLOUD = "public_cloud"
    THIRD_PARTY_API = "third_party_api"


class Connectivity(StrEnum):
    ONLINE = "online"
    INTERMITTENT = "intermittent"
    OFFLINE = "offline"


class FleetKind(StrEnum):
    AI_PC = "ai_pc"
    LAPTOP = "laptop"
    PHONE = "phone"
    WORKSTATION = "workstation"
    EDGE_BOX = "edge_box"
    GATEWAY = "gateway"
    SERVER = "server"
    GPU_NODE = "gpu_node"
    OTHER = "other"


class RiskClass(StrEnum):
    """AI Act classes; `unclassified` is a state of its own, never the same as minimal."""

    PROHIBITED = "prohibited"
    HIGH = "high"
    TRANSPARENCY = "transparency"
    MINIMAL = "minimal"
    UNCLASSIFIED = "unclassified"


class SystemState(StrEnum):
    PROPOSED = "proposed"
    IN_ASSESSMENT = "in_assessment"
    APPROVED = "approved"
    LIVE = "live"
    RESTRICTED = "restricted"
    SUSPENDED = "suspended"
    RETIRED = "retired"


class DecisionImpact(StrEnum):
    """How far the system's output decides about people."""

    INFORMATIONAL = "informational"
    ASSISTIVE = "assistive"
    DECISIVE = "decisive"
    UNKNOWN = "unknown"


class Persons(StrEnum):
    """Kinds of persons whom a system affects, or whom data speaks of."""

    PATIENTS = "patients"
    EMPLOYEES = "employees"
    APPLICANTS = "applicants"
    CUSTOMERS = "customers"
    INSURED = "insured"
    STUDENTS = "students"
    CHILDREN = "children"
    SUPPLIERS = "suppliers"
    VISITORS = "visitors"
    PUBLIC = "public"


class EntityRole(StrEnum):
    """What a legal entity is to a system: AI Act Article 3(3) to (7), GDPR Article 4(7) and (8)."""

    PROVIDER = "provider"
    DEPLOYER = "deployer"
    IMPORTER = "importer"
    DISTRIBUTOR = "distributor"
    CONTROLLER = "controller"
    PROCESSOR = "processor"


class ModelKind(StrEnum):
    LLM = "llm"
    EMBEDDING = "embedding"
    RERANKER = "reranker"
    CLASSIFIER = "classifier"
    VISION = "vision"
    SPEECH = "speech"
    IMAGE = "image"
    FORECAST = "forecast"
    TABULAR = "tabular"
    OTHER = "other"


class Modality(StrEnum):
    TEXT = "text"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    TABULAR = "tabular"
    TIME_SERIES = "time_series"
    SENSOR = "sensor"


class ModelState(StrEnum):
    CANDIDATE = "candidate"
    APPROVED = "approved"
    RESTRICTED = "restricted"
    BLOCKED = "blocked"
    DEPRECATED = "deprecated"
    RETIRED = "retired"


class Descent(StrEnum):
    """How a model version came from another one."""

    FINE_TUNE = "fine_tune"
    ADAPTER = "adapter"
    QUANTISED = "quantised"
    MERGE = "merge"
    DISTILLED_FROM = "distilled_from"


class Classification(StrEnum):
    PUBLIC = "public"
    INTERNAL = "internal"
    CONFIDENTIAL = "confidential"
    RESTRICTED = "restricted"


class PersonalData(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class SpecialCategory(StrEnum):
    """GDPR Article 9(1), and criminal convictions of Article 10."""

    RACIAL_ETHNIC = "racial_ethnic"
    POLITICAL = "political"
    RELIGIOUS = "religious"
    TRADE_UNION = "trade_union"
    GENETIC = "genetic"
    BIOMETRIC = "biometric"
    HEALTH = "health"
    SEX_LIFE = "sex_life"
    CRIMINAL = "criminal"


class EndpointKind(StrEnum):
    MODEL_SERVER = "model_server"
    GATEWAY = "gateway"
    PROVIDER_API = "provider_api"
    SAAS_FEATURE = "saas_feature"
    EMBEDDED_LIBRARY = "embedded_library"


class Observable(StrEnum):
    """What telemetry can show of an endpoint. An empty list says: nothing; NULL says: not known."""

    SPANS = "spans"
    CONTENT = "content"
    TOKENS = "tokens"


class ModelDisclosure(StrEnum):
    """Whether the operator says which models answer."""

    DISCLOSED = "disclosed"
    PARTLY = "partly"
    NOT_DISCLOSED = "not_disclosed"


class Environment(StrEnum):
    PRODUCTION = "production"
    PILOT = "pilot"
    TEST = "test"
    DEVELOPMENT = "development"


class DeploymentState(StrEnum):
    PLANNED = "planned"
    LIVE = "live"
    PAUSED = "paused"
    RETIRED = "retired"


class UseRole(StrEnum):
    """What a deployment uses an endpoint for."""

    GENERATION = "generation"
    EMBEDDING = "embedding"
    RERANK = "rerank"
    GUARD = "guard"
    FALLBACK = "fallback"
    PREDICTION = "prediction"


class BindingPurpose(StrEnum):
    RETRIEVAL = "retrieval"
    INPUT = "input"
    OUTPUT = "output"
    TRAINING = "training"
    EVALUATION = "evaluation"
    LOGGING = "logging"


class Basis(StrEnum):
    """Whether a person said it or telemetry showed it."""

    DECLARED = "declared"
    OBSERVED = "observed"


class KeyScope(StrEnum):
    """What an endpoint key may speak for."""

    EVERYTHING = "everything"
    UNIT = "unit"
    SITE = "site"
    DEPLOYMENT = "deployment"


class HardwareBasis(StrEnum):
    """How a machine on which a model runs is paid for."""

    OWNED = "owned"
    RENTED = "rented"
