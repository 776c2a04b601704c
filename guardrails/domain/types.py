"""The types of what content engines find. Stored with findings, written in placeholders, named by pages."""

from __future__ import annotations

PERSONAL_DATA_TYPES = (
    "PERSON",
    "LOCATION",
    "ADDRESS",
    "POSTCODE",
    "EMAIL_ADDRESS",
    "PHONE_NUMBER",
    "DATE_OF_BIRTH",
    "IBAN_CODE",
    "CREDIT_CARD",
    "IP_ADDRESS",
    "URL",
    "FR_NIR",
    "FR_SIREN",
    "FR_SIRET",
    "FR_VAT",
    "FR_ID_CARD",
    "FR_PASSPORT",
    "FR_RESIDENCE_PERMIT",
    "FR_PLATE",
    "UK_NHS",
    "UK_NINO",
    "US_SSN",
)
"""Presidio's words where it has one."""

SECRET_TYPES = (
    "ANTHROPIC_KEY",
    "AWS_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AZURE_KEY",
    "DATABASE_URL",
    "GCP_KEY",
    "GITHUB_TOKEN",
    "GITLAB_TOKEN",
    "HUGGING_FACE_TOKEN",
    "JWT",
    "NPM_TOKEN",
    "OPENAI_KEY",
    "PASSWORD",
    "PRIVATE_KEY",
    "PYPI_TOKEN",
    "SENDGRID_KEY",
    "SLACK_TOKEN",
    "SLACK_WEBHOOK",
    "STRIPE_KEY",
    "TUTELA_KEY",
    "TWILIO_KEY",
    "VAULT_TOKEN",
)
