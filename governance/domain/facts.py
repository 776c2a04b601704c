"""The facts that policies may use: name, type, meaning. The one source for type checks, editor help and docs.

Everything under one root per subject: `deployment.state`, `sender.known`. Numbers are whole, so that a digest of facts
is the same everywhere: shares are in thousandths, times are hours. A fact that is not known is left out, and an
expression that needs it is indeterminate.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from governance.domain.policies import SubjectKind
from governance.domain.states import Standing
from governance.domain.texts import Words
from inventory.domain import words
from kernel.contracts.ingest import CaptureMode, RetentionClass


class FactType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    YES_NO = "yes_no"
    TEXTS = "texts"
    RECORD = "record"
    RECORDS = "records"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact. `allowed` is its vocabulary where it is closed; `fields` are those of a record."""

    name: str
    type: FactType
    means: Words
    allowed: tuple[str, ...] = ()
    fields: tuple[Fact, ...] = ()

    def field(self, name: str) -> Fact | None:
        """A fact inside this record, or None."""
        return next((found for found in self.fields if found.name == name), None)


def _text(name: str, en: str, fr: str, allowed: type[StrEnum] | None = None) -> Fact:
    return Fact(name, FactType.TEXT, Words(en, fr), _words(allowed))


def _texts(name: str, en: str, fr: str, allowed: type[StrEnum] | None = None) -> Fact:
    return Fact(name, FactType.TEXTS, Words(en, fr), _words(allowed))


def _number(name: str, en: str, fr: str) -> Fact:
    return Fact(name, FactType.NUMBER, Words(en, fr))


def _yes_no(name: str, en: str, fr: str) -> Fact:
    return Fact(name, FactType.YES_NO, Words(en, fr))


def _words(vocabulary: type[StrEnum] | None) -> tuple[str, ...]:
    return tuple(member.value for member in vocabulary) if vocabulary else ()


def _record(name: str, en: str, fr: str, *fields: Fact) -> Fact:
    return Fact(name, FactType.RECORD, Words(en, fr), fields=fields)


def _records(name: str, en: str, fr: str, *fields: Fact) -> Fact:
    return Fact(name, FactType.RECORDS, Words(en, fr), fields=fields)


class PlaceRole(StrEnum):
    """What happens at a place of a deployment."""

    RUNS = "runs"
    ANSWERS = "answers"


class SenderState(StrEnum):
    """What is known of a sender. The words are those of the page of discovered senders."""

    RESOLVED = "resolved"
    UNKNOWN = "unknown"
    DISMISSED = "dismissed"


_SYSTEM_FIELDS = (
    _text("slug", "short name", "nom court"),
    _text("risk_class", "class of the AI Act", "classe au titre du règlement sur l’IA", words.RiskClass),
    _text("state", "state of the system", "état du système", words.SystemState),
    _text("decision_impact", "how far it decides about people", "portée de ses décisions", words.DecisionImpact),
    _texts("persons_affected", "kinds of persons it affects", "catégories de personnes concernées", words.Persons),
    _texts("annex_iii_points", "points of Annex III, such as 5(c)", "points de l’annexe III, par exemple 5(c)"),
    _yes_no("interacts_with_persons", "speaks with persons; missing if nobody said", "dialogue avec des personnes ; absent si personne ne l’a dit"),
    _yes_no("has_owner", "a person answers for it", "une personne en répond"),
    _yes_no("approved", "an approval is in force and not overtaken by a change", "une approbation est en vigueur et aucun changement ne l’a rendue caduque"),
    _text("approval", "where it stands with its approvals", "où en sont ses approbations", Standing),
)  # fmt: skip

_PLACES = _records(
    "places",
    "where it runs and where the models that it uses answer",
    "où il s’exécute et où répondent les modèles qu’il utilise",
    _text("slug", "short name of the site or endpoint", "nom court du site ou du point d’accès"),
    _text(
        "role", "it runs there, or a model answers there", "il s’y exécute, ou un modèle y répond", PlaceRole
    ),
    _text("tier", "kind of place", "type de lieu", words.Tier),
    _text("country", "country (ISO 3166)", "pays (ISO 3166)"),
    _text("region", "region, as the site names it", "région, telle que le site la nomme"),
    _text("connectivity", "how it is connected", "connexion", words.Connectivity),
)

_DATASETS = _records(
    "datasets",
    "the data that it works with",
    "les données avec lesquelles il travaille",
    _text("slug", "short name of the dataset", "nom court du jeu de données"),
    _text("version", "version of the dataset", "version du jeu de données"),
    _text("purpose", "what it is used for", "à quoi elles servent", words.BindingPurpose),
    _text("basis", "said by a person or shown by telemetry", "déclaré par une personne ou montré par la télémétrie", words.Basis),
    _text("classification", "how confidential it is", "niveau de confidentialité", words.Classification),
    _yes_no("contains_personal_data", "holds personal data; missing if not known", "contient des données personnelles ; absent si on ne le sait pas"),
    _texts("special_categories", "special categories (GDPR, Articles 9 and 10)", "catégories particulières (RGPD, articles 9 et 10)", words.SpecialCategory),
    _texts("data_subjects", "whom it speaks of", "de qui elles parlent", words.Persons),
    _texts("residency", "countries or regions where it may lie; missing if nobody said", "pays ou régions où elles peuvent se trouver ; absent si personne ne l’a dit"),
    _yes_no("residency_allowed", "every place of the deployment is one where it may lie; missing if a place or the rule is not known", "chaque lieu du déploiement est autorisé ; absent si un lieu ou la règle n’est pas connu"),
)  # fmt: skip

_CHECKS = _record(
    "checks",
    "what the guardrails found in the last seven days",
    "ce que les garde-fous ont trouvé ces sept derniers jours",
    _number("messages_checked", "messages checked for personal data", "messages examinés à la recherche de données personnelles"),
    _number("outputs_with_personal_data", "outputs in which personal data was found; missing if nothing was checked", "sorties où des données personnelles ont été trouvées ; absent si rien n’a été examiné"),
    _number("answers_judged", "answers held against their sources", "réponses confrontées à leurs sources"),
    _number("answers_unsupported", "answers that their sources do not support", "réponses que leurs sources ne soutiennent pas"),
    _number("unsupported_per_mille", "unsupported answers in 1,000 judged ones; missing if none was judged", "réponses non soutenues sur 1 000 jugées ; absent si aucune ne l’a été"),
    _number("judged_per_mille", "judged answers in 1,000; missing if there was none", "réponses jugées sur 1 000 ; absent s’il n’y en a pas"),
    _yes_no("shadow", "some verdicts are not calibrated yet", "certains verdicts ne sont pas encore étalonnés"),
)  # fmt: skip

DEPLOYMENT = (
    _text("slug", "short name", "nom court"),
    _text("environment", "environment", "environnement", words.Environment),
    _text("state", "state of the deployment", "état du déploiement", words.DeploymentState),
    _text("capture_mode", "how much of what was said is kept", "ce qui est conservé des échanges", CaptureMode),
    _text("retention_class", "how long telemetry is kept", "durée de conservation de la télémétrie", RetentionClass),
    _PLACES,
    _DATASETS,
    _record("system", "the system that it belongs to", "le système auquel il appartient", *_SYSTEM_FIELDS),
    _text("approval", "where it stands with its own approvals", "où en sont ses propres approbations", Standing),
    _yes_no("approved", "it or its system has an approval in force", "lui-même ou son système a une approbation en vigueur"),
    _texts("declared_models", "names of the models that it may use", "noms des modèles qu’il peut utiliser"),
    _texts("observed_models", "models that telemetry named in the last seven days; missing if it was never heard", "modèles nommés par la télémétrie ces sept derniers jours ; absent s’il n’a jamais été entendu"),
    _texts("undeclared_models", "observed models that are not declared", "modèles observés qui ne sont pas déclarés"),
    _yes_no("declares_personal_data", "its data is said to hold personal data; missing if not known", "ses données sont dites personnelles ; absent si on ne le sait pas"),
    _yes_no("heard", "telemetry of it was ever received", "sa télémétrie a déjà été reçue"),
    _number("silent_hours", "hours since it was heard last; missing if it never was", "heures depuis qu’il a été entendu ; absent s’il ne l’a jamais été"),
    _number("live_days", "days since it is placed where it is; missing if nobody said", "jours depuis qu’il est placé là ; absent si personne ne l’a dit"),
    _CHECKS,
)  # fmt: skip

SYSTEM = (
    *_SYSTEM_FIELDS,
    _number("live_deployments", "deployments in service", "déploiements en service"),
    _yes_no("runs_unapproved", "it runs although its state does not permit it", "il tourne alors que son état ne le permet pas"),
)  # fmt: skip

DATASET = (
    _text("slug", "short name", "nom court"),
    _text("version", "version", "version"),
    *(fact for fact in _DATASETS.fields if fact.name in {
        "classification", "contains_personal_data", "special_categories", "data_subjects", "residency"
    }),
    _number("retention_days", "days it is kept; missing if nobody said", "jours de conservation ; absent si personne ne l’a dit"),
    _number("deployments", "deployments that work with it", "déploiements qui travaillent avec lui"),
)  # fmt: skip

SENDER = (
    _text("service_name", "name of the service", "nom du service"),
    _text("service_namespace", "namespace of the service", "espace de noms du service"),
    _text("environment", "environment, in its own words", "environnement, selon ses propres mots"),
    _text("place", "place, in its own words", "lieu, selon ses propres mots"),
    _text("state", "known, unknown or dismissed", "connu, inconnu ou écarté", SenderState),
    _yes_no("known", "a rule of the register says what it is", "une règle du registre dit ce que c’est"),
    _yes_no("claims_deployment", "it claims to be a deployment", "il affirme être un déploiement"),
    _number("spans", "spans received since ever", "spans reçus depuis toujours"),
    _number("silent_hours", "hours since it was heard last", "heures depuis qu’il a été entendu"),
    _texts(
        "models",
        "models that it named in the last seven days",
        "modèles qu’il a nommés ces sept derniers jours",
    ),
)

BUDGET = (
    _text("slug", "short name", "nom court"),
    _number("spent_per_mille", "spent of its period so far, in thousandths of the amount; missing if not known", "dépensé sur la période, en millièmes du montant ; absent si on ne le sait pas"),
    _number("forecast_per_mille", "forecast for the whole period, in thousandths; missing if not known", "prévision pour la période, en millièmes ; absent si on ne le sait pas"),
    _number("unpriced_calls", "calls without a price: spending may be higher", "appels sans prix : la dépense peut être plus élevée"),
)  # fmt: skip

VOCABULARY: Mapping[SubjectKind, tuple[Fact, ...]] = {
    SubjectKind.DEPLOYMENT: DEPLOYMENT,
    SubjectKind.SYSTEM: SYSTEM,
    SubjectKind.DATASET: DATASET,
    SubjectKind.SENDER: SENDER,
    SubjectKind.BUDGET: BUDGET,
}


def walk(facts: tuple[Fact, ...], above: str) -> Iterator[tuple[str, Fact]]:
    """Every fact with its path, records before their fields. Fields of a list are written `datasets[].slug`."""
    for fact in facts:
        path = f"{above}.{fact.name}"
        yield path, fact
        yield from walk(fact.fields, f"{path}[]" if fact.type is FactType.RECORDS else path)


def find(kind: SubjectKind, path: tuple[str, ...]) -> Fact | None:
    """The fact at a path below the root, such as ("system", "risk_class"), or None."""
    facts = VOCABULARY[kind]
    found: Fact | None = None
    for name in path:
        found = next((fact for fact in facts if fact.name == name), None)
        if found is None:
            return None
        facts = found.fields
    return found


def problems(kind: SubjectKind, facts: object) -> list[str]:
    """What is wrong with facts that a person wrote as an example: paths that are unknown or of another type."""
    if not isinstance(facts, Mapping):
        return [kind.value]
    return list(_problems(VOCABULARY[kind], facts, kind.value))


def _problems(declared: tuple[Fact, ...], given: Mapping[str, Any], above: str) -> Iterator[str]:
    by_name = {fact.name: fact for fact in declared}
    for name, value in given.items():
        path = f"{above}.{name}"
        fact = by_name.get(name)
        if fact is None:
            yield path
        elif value is not None:
            yield from _problems_of(fact, value, path)


def _problems_of(fact: Fact, value: Any, path: str) -> Iterator[str]:
    match fact.type, value:
        case FactType.RECORD, Mapping():
            yield from _problems(fact.fields, value, path)
        case FactType.RECORDS, list() | tuple():
            for number, item in enumerate(value):
                if isinstance(item, Mapping):
                    yield from _problems(fact.fields, item, f"{path}[{number}]")
                else:
                    yield f"{path}[{number}]"
        case _ if not _fits(fact, value):
            yield path


def _fits(fact: Fact, value: Any) -> bool:
    match fact.type:
        case FactType.TEXT:
            return isinstance(value, str) and (not fact.allowed or value in fact.allowed)
        case FactType.NUMBER:
            return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63
        case FactType.YES_NO:
            return isinstance(value, bool)
        case FactType.TEXTS:
            texts = isinstance(value, list | tuple) and all(isinstance(item, str) for item in value)
            return texts and (not fact.allowed or set(value) <= set(fact.allowed))
        case _:
            return False


def without_unknown(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as expressions see them: what is None is not there, at any depth."""
    return {name: _known(value) for name, value in facts.items() if value is not None}


def _known(value: Any) -> Any:
    if isinstance(value, Mapping):
        return without_unknown(value)
    if isinstance(value, list | tuple):
        return [_known(item) for item in value]
    return value
