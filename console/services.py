"""People and their rights: verbs. Pages, commands and tests all come through here."""

from __future__ import annotations

import uuid

from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from audit.domain import Outcome, Target
from audit.services import changes_between, record, snapshot, unchanged, verb
from console.models import RoleGrant, User
from inventory.models import Unit
from kernel import clock
from kernel.actor import Actor, ActorKind, Permission, Role, Source
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Thing

_PERSON = "console.person"
_PERSONAL = frozenset({"email", "name"})
_NEVER_RECORDED = frozenset({"password", "last_login", "created_at"})


@verb("console.person.create")
def create_person(
    actor: Actor, *, email: str, name: str, password: str | None, language: str = ""
) -> uuid.UUID:
    """Give somebody an account without any role yet. Without a password nobody signs in until one is set.

    Raises Invalid for a bad address, an empty name or a weak password, Conflict when the address is in use.
    """
    actor.require_somewhere(Permission.PEOPLE_MANAGE)
    person = User(email=_address(email), name=_name(name), language=language)
    if User.objects.filter(email__iexact=person.email).exists():
        raise Conflict(
            _("Somebody already signs in with %(email)s. Look for them in the list of people.")
            % {"email": person.email},
            code="email_taken",
            fields={"email": [_("This address is in use.")]},
        )
    if password is None:
        person.set_unusable_password()
    else:
        _check_password(password, person)
        person.set_password(password)
    person.save(force_insert=True)
    record(actor, target=_target(person), changes=changes_between({}, _state(person)), personal=_PERSONAL)
    return person.pk


@verb("console.person.rename")
def rename_person(actor: Actor, person_id: uuid.UUID, *, name: str) -> None:
    """Correct somebody's name. Oneself, or whoever manages people for the whole organisation."""
    person = _person(person_id)
    _require_self_or_manager(actor, person)
    before = _state(person)
    person.name = _name(name)
    person.save(update_fields=["name"])
    _record_change(actor, person, before)


@verb("console.person.set_password")
def set_password(actor: Actor, person_id: uuid.UUID, *, password: str, current: str | None = None) -> None:
    """Give a person a new password; every session of theirs ends.

    Oneself only with the `current` password. For somebody else it takes the right over the whole organisation:
    whoever may set an administrator's password is one. Raises Invalid for a wrong or weak password.
    """
    person = _person(person_id)
    if actor.id == str(person.pk):
        _check_current(person, current)
    else:
        actor.require(Permission.PEOPLE_MANAGE, unit=None)
    _check_password(password, person)
    person.set_password(password)
    person.save(update_fields=["password"])
    _end_sessions(person)
    record(actor, target=_target(person))


@verb("console.person.deactivate")
def deactivate(actor: Actor, person_id: uuid.UUID, *, reason: str) -> None:
    """Close an account: its sessions end now, its history stays. Raises Conflict for the last administrator."""
    actor.require(Permission.PEOPLE_MANAGE, unit=None)
    person = _person(person_id)
    if not person.is_active:
        return unchanged()
    _keep_an_administrator(without_person=person.pk)
    before = _state(person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    _end_sessions(person)
    return _record_change(actor, person, before, reason=reason)


@verb("console.person.reactivate")
def reactivate(actor: Actor, person_id: uuid.UUID, *, reason: str) -> None:
    """Open a closed account again, with the roles it still has."""
    actor.require(Permission.PEOPLE_MANAGE, unit=None)
    person = _person(person_id)
    if person.is_active:
        return unchanged()
    before = _state(person)
    person.is_active = True
    person.save(update_fields=["is_active"])
    return _record_change(actor, person, before, reason=reason)


@verb("console.role.grant")
def grant_role(
    actor: Actor,
    person_id: uuid.UUID,
    *,
    role: Role,
    unit_id: uuid.UUID | None,
    read_content: bool = False,
    reason: str = "",
) -> uuid.UUID:
    """Give a person a role in a unit and those below it, or everywhere (no unit).

    Granting the same role again sets `read_content` anew. The actor must manage people there themselves. To read
    content is given by somebody else and for a reason: Forbidden for oneself, Invalid without the reason.
    """
    actor.require(Permission.PEOPLE_MANAGE, unit=unit_id)
    person = _person(person_id)
    unit = _unit(unit_id)
    if read_content and not _reads_content(person, role=role, unit=unit):
        _check_content_grant(actor, person, reason=reason)
    grant, made = RoleGrant.objects.select_for_update().get_or_create(
        user=person, role=role.value, unit=unit, defaults={"read_content": read_content}
    )
    before = {} if made else _grant_state(grant)
    if not made and grant.read_content != read_content:
        grant.read_content = read_content
        grant.save(update_fields=["read_content"])
    changes = changes_between(before, _grant_state(grant))
    if changes:
        record(actor, target=_target(person, unit_id=unit_id), changes=changes, reason=reason)
    else:
        unchanged()
    return grant.pk


@verb("console.role.revoke")
def revoke_role(actor: Actor, grant_id: uuid.UUID, *, reason: str = "") -> None:
    """Take a role away; it bites at the person's next request. Raises Conflict for the last administrator."""
    grant = RoleGrant.objects.select_related("user").filter(pk=grant_id).first()
    if grant is None:
        raise NotFound(_("This role has already been taken away."))
    actor.require(Permission.PEOPLE_MANAGE, unit=grant.unit_id)
    _keep_an_administrator(without_grant=grant.pk)
    changes = changes_between(_grant_state(grant), {})
    grant.delete()
    record(actor, target=_target(grant.user, unit_id=grant.unit_id), changes=changes, reason=reason)


@verb("console.person.change_preferences")
def change_preferences(actor: Actor, *, language: str, theme: str, single_key_shortcuts: bool) -> None:
    """How the actor likes the console. Raises Invalid for a language or theme that does not exist."""
    person = _person(uuid.UUID(actor.id)) if actor.kind is ActorKind.USER else None
    if person is None:
        raise Forbidden(_("Only people have preferences."), code="not_a_person")
    before = _state(person)
    person.language, person.theme, person.single_key_shortcuts = language, theme, single_key_shortcuts
    try:
        person.clean_fields(exclude={"email", "name", "password"})
    except ValidationError as error:
        raise Invalid(_("This preference does not exist."), fields=error.message_dict) from error
    person.save(update_fields=["language", "theme", "single_key_shortcuts"])
    _record_change(actor, person, before)


@verb("console.session.start")
def sign_in_succeeded(actor: Actor) -> None:
    """Put a sign-in on record."""
    record(actor, target=Target(type=_PERSON, id=actor.id, label=actor.label))


@verb("console.session.refuse")
def sign_in_failed(actor: Actor, *, email: str) -> None:
    """Put a failed sign-in on record: on the account, if there is one. What was typed as password is nowhere."""
    person = User.objects.filter(email__iexact=email).first()
    target = _target(person) if person else Target(type=_PERSON, id="unknown", label=email[:254])
    record(actor, target=target, outcome=Outcome.FAILURE)


@verb("console.session.end")
def signed_out(actor: Actor) -> None:
    """Put a sign-out on record."""
    record(actor, target=Target(type=_PERSON, id=actor.id, label=actor.label))


def anonymous(source: Source) -> Actor:
    """Whoever is at the door and has not said who they are."""
    return Actor(kind=ActorKind.USER, id="anonymous", source=source)


def _reads_content(person: User, *, role: Role, unit: Unit | None) -> bool:
    return RoleGrant.objects.filter(user=person, role=role.value, unit=unit, read_content=True).exists()


def _check_content_grant(actor: Actor, person: User, *, reason: str) -> None:
    if actor.kind is ActorKind.USER and actor.id == str(person.pk):
        raise Forbidden(
            _("Nobody gives themselves the right to read content. Ask another administrator."),
            code="own_content_right",
            thing=Thing(_PERSON, str(person.pk)),
        )
    if not reason.strip():
        message = _("Say why this person needs to read content: the reason goes into the audit trail.")
        raise Invalid(message, code="reason_missing", fields={"reason": [message]})


def _require_self_or_manager(actor: Actor, person: User) -> None:
    if actor.id != str(person.pk):
        actor.require(Permission.PEOPLE_MANAGE, unit=None)


def _person(person_id: uuid.UUID) -> User:
    person = User.objects.select_for_update().filter(pk=person_id).first()
    if person is None:
        raise NotFound(_("There is no such person."))
    return person


def _unit(unit_id: uuid.UUID | None) -> Unit | None:
    if unit_id is None:
        return None
    unit = Unit.objects.filter(pk=unit_id).first()
    if unit is None:
        raise NotFound(_("There is no such unit any more. Choose another one."))
    return unit


def _address(email: str) -> str:
    cleaned = email.strip()
    try:
        validate_email(cleaned)
    except ValidationError as error:
        message = _("“%(email)s” is no e-mail address.") % {"email": cleaned}
        raise Invalid(message, fields={"email": [message]}) from error
    return cleaned


def _name(name: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned:
        message = _("A person needs a name.")
        raise Invalid(message, fields={"name": [message]})
    return cleaned


def _check_password(password: str, person: User) -> None:
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), fields={"password": error.messages}) from error


def _check_current(person: User, current: str | None) -> None:
    if current is None or not person.check_password(current):
        message = _("This is not your present password.")
        raise Invalid(message, fields={"current": [message]})


def _keep_an_administrator(
    *, without_person: uuid.UUID | None = None, without_grant: uuid.UUID | None = None
) -> None:
    """Refuse what would leave nobody who can hand out roles.

    The rows are locked first, so that two administrators cannot remove each other at the same moment.
    """
    administrators = list(
        RoleGrant.objects.select_for_update(of=("self",))
        .filter(role=Role.ADMINISTRATOR.value, unit=None, user__is_active=True)
        .order_by("id")
    )
    left = [
        grant for grant in administrators if without_person != grant.user_id and without_grant != grant.pk
    ]
    if administrators and not left:
        raise Conflict(
            _(
                "This is the last administrator. Make somebody else administrator of the whole organisation first."
            ),
            code="last_administrator",
        )


def _end_sessions(person: User) -> None:
    """End every session of a person. Sessions hold whose they are only in their body, so each is looked into."""
    for session in Session.objects.filter(expire_date__gt=clock.now()).iterator():
        if session.get_decoded().get("_auth_user_id") == str(person.pk):
            session.delete()


def _record_change(actor: Actor, person: User, before: dict[str, object], *, reason: str = "") -> None:
    changes = changes_between(before, _state(person))
    if changes:
        record(actor, target=_target(person), changes=changes, personal=_PERSONAL, reason=reason)
    else:
        unchanged()


def _target(person: User, *, unit_id: uuid.UUID | None = None) -> Target:
    id_ = str(person.pk)
    return Target(type=_PERSON, id=id_, label=person.name, unit_id=unit_id, person_id=id_)


def _state(person: User) -> dict[str, object]:
    return snapshot(person, leave_out=_NEVER_RECORDED)


def _grant_state(grant: RoleGrant) -> dict[str, object]:
    return {
        "role": grant.role,
        "unit": str(grant.unit_id) if grant.unit_id else None,
        "read_content": grant.read_content,
    }
