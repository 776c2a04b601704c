"""What the codes of checks mean, in words for people. The codes themselves are one click deeper."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guardrails.domain.checks import Check, Outcome
from ui.text import Text, Tone

CHECK_WORDS: dict[str, Text] = {
    Check.PERSONAL_DATA: _("Personal data"),
    Check.SECRETS: _("Secrets"),
    Check.GROUNDEDNESS: _("Groundedness"),
}

CHECK_QUESTIONS: dict[str, Text] = {
    Check.PERSONAL_DATA: _("Does a message name or identify somebody?"),
    Check.SECRETS: _("Does a message hold a password, a key or a token?"),
    Check.GROUNDEDNESS: _("Do the sources support what an answer says?"),
}


@dataclass(frozen=True, slots=True)
class OutcomeWord:
    """An outcome in words: how a badge says it, what it means, and its tone in badges and bars."""

    word: Text
    sentence: Text
    tone: Tone
    bar: str


OUTCOMES: dict[str, OutcomeWord] = {
    Outcome.CLEAN: OutcomeWord(
        _("nothing found"), _("It was checked, and nothing was found."), Tone.OK, "ok"
    ),
    Outcome.FOUND: OutcomeWord(
        _("found something"), _("It was checked, and something was found in it."), Tone.WARN, "warn"
    ),
    Outcome.SUPPORTED: OutcomeWord(
        _("supported"), _("The sources say what every claim of the answer says."), Tone.OK, "ok"
    ),
    Outcome.UNSUPPORTED: OutcomeWord(
        _("unsupported"), _("At least one claim of the answer is not in its sources."), Tone.BAD, "bad"
    ),
    Outcome.UNCERTAIN: OutcomeWord(
        _("uncertain"),
        _("The engine could not tell whether the sources support the answer."),
        Tone.WARN,
        "warn",
    ),
    Outcome.NOT_EVALUABLE: OutcomeWord(
        _("not evaluable"),
        _("There was nothing to check, or nothing to hold it against."),
        Tone.UNKNOWN,
        "s2",
    ),
    Outcome.SAMPLED_OUT: OutcomeWord(
        _("sampled out"),
        _("The profile has only a part of all checked, and this was not in it."),
        Tone.PLAIN,
        "plain",
    ),
    Outcome.FAILED: OutcomeWord(
        pgettext_lazy("a check", "failed"),
        _("The engine failed; the reason stands beside it."),
        Tone.BAD,
        "unknown",
    ),
}

NOT_CHECKED_WORDS: dict[str, Text] = {
    "waiting": _("waiting"),
    "not_kept": _("content not kept"),
    "not_captured": _("no content sent"),
}

REASON_WORDS: dict[str, Text] = {
    "no_context": _("There was no source to hold the answer against."),
    "no_claim": _("The answer claims nothing that could be held against a source."),
    "no_answer": _("There was no answer in words."),
    "content_not_kept": _("The content was not kept."),
    "not_readable": _("The text can no longer be read as it was said."),
    "masked": _("The text was masked before this check came to it."),
    "language": _("The engine does not know the language."),
    "too_long": _("The text is longer than the engine reads."),
    "empty": _("There was no text."),
    "no_text": _("There was no text."),
}

DIRECTION_WORDS: dict[str, Text] = {
    "input": _("towards the model"),
    "output": _("from the model"),
}

TYPE_WORDS: dict[str, Text] = {
    "PERSON": _("Name of a person"),
    "LOCATION": _("Place"),
    "ADDRESS": _("Postal address"),
    "POSTCODE": _("Postcode"),
    "EMAIL_ADDRESS": _("E-mail address"),
    "PHONE_NUMBER": _("Telephone number"),
    "DATE_OF_BIRTH": _("Date of birth"),
    "IBAN_CODE": _("Bank account (IBAN)"),
    "CREDIT_CARD": _("Payment card"),
    "IP_ADDRESS": _("IP address"),
    "URL": _("Web address"),
    "FR_NIR": _("French social security number (NIR)"),
    "FR_SIREN": _("French company number (SIREN)"),
    "FR_SIRET": _("French establishment number (SIRET)"),
    "FR_VAT": _("French VAT number"),
    "FR_ID_CARD": _("French identity card"),
    "FR_PASSPORT": _("French passport"),
    "FR_RESIDENCE_PERMIT": _("French residence permit"),
    "FR_PLATE": _("French number plate"),
    "UK_NHS": _("British NHS number"),
    "UK_NINO": _("British national insurance number"),
    "US_SSN": _("US social security number"),
    "ANTHROPIC_KEY": _("Anthropic key"),
    "AWS_ACCESS_KEY": _("AWS access key"),
    "AWS_SECRET_KEY": _("AWS secret key"),
    "AZURE_KEY": _("Azure key"),
    "DATABASE_URL": _("Database address with a password"),
    "GCP_KEY": _("Google Cloud key"),
    "GITHUB_TOKEN": _("GitHub token"),
    "GITLAB_TOKEN": _("GitLab token"),
    "HUGGING_FACE_TOKEN": _("Hugging Face token"),
    "JWT": _("Signed token (JWT)"),
    "NPM_TOKEN": _("npm token"),
    "OPENAI_KEY": _("OpenAI key"),
    "PASSWORD": _("Password"),
    "PRIVATE_KEY": _("Private key"),
    "PYPI_TOKEN": _("PyPI token"),
    "SENDGRID_KEY": _("SendGrid key"),
    "SLACK_TOKEN": _("Slack token"),
    "SLACK_WEBHOOK": _("Slack webhook"),
    "STRIPE_KEY": _("Stripe key"),
    "TUTELA_KEY": _("Tutela endpoint key"),
    "TWILIO_KEY": _("Twilio key"),
    "VAULT_TOKEN": _("Vault token"),
}
"""Types of findings. One that no word is given for is shown by its code."""


def type_word(kind: str) -> Text:
    """A type of findings as people call it."""
    return TYPE_WORDS.get(kind, kind)


def reason_word(reason: str | None) -> Text:
    """Why something was not evaluable or failed; the code where no words are known, nothing where no reason is."""
    return REASON_WORDS.get(reason, reason) if reason else ""


PLACEHOLDER_WORDS: dict[str, Text] = {
    "PERSON": pgettext_lazy("placeholder", "person"),
    "LOCATION": pgettext_lazy("placeholder", "place"),
    "ADDRESS": pgettext_lazy("placeholder", "address"),
    "POSTCODE": pgettext_lazy("placeholder", "postcode"),
    "EMAIL_ADDRESS": pgettext_lazy("placeholder", "e-mail"),
    "PHONE_NUMBER": pgettext_lazy("placeholder", "telephone"),
    "DATE_OF_BIRTH": pgettext_lazy("placeholder", "date of birth"),
    "IBAN_CODE": pgettext_lazy("placeholder", "IBAN"),
    "CREDIT_CARD": pgettext_lazy("placeholder", "card"),
    "IP_ADDRESS": pgettext_lazy("placeholder", "IP address"),
    "URL": pgettext_lazy("placeholder", "web address"),
    "FR_NIR": pgettext_lazy("placeholder", "NIR"),
    "FR_SIREN": pgettext_lazy("placeholder", "SIREN"),
    "FR_SIRET": pgettext_lazy("placeholder", "SIRET"),
    "FR_VAT": pgettext_lazy("placeholder", "VAT number"),
    "FR_ID_CARD": pgettext_lazy("placeholder", "identity card"),
    "FR_PASSPORT": pgettext_lazy("placeholder", "passport"),
    "FR_RESIDENCE_PERMIT": pgettext_lazy("placeholder", "residence permit"),
    "FR_PLATE": pgettext_lazy("placeholder", "number plate"),
    "PASSWORD": pgettext_lazy("placeholder", "password"),
    "DATABASE_URL": pgettext_lazy("placeholder", "database address"),
    "PRIVATE_KEY": pgettext_lazy("placeholder", "private key"),
}
"""What masked values are called within text, numbered: ‹person 1›. Others are called by their code."""
