"""What the words of policies are called on a page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from governance.domain.policies import Mode, Outcome, SubjectKind

SUBJECT = {
    SubjectKind.DEPLOYMENT: _("Deployments"),
    SubjectKind.SYSTEM: _("AI systems"),
    SubjectKind.DATASET: _("Datasets"),
    SubjectKind.SENDER: _("Senders"),
    SubjectKind.BUDGET: _("Budgets"),
}
"""The kinds of subjects whose facts are known."""
MODE = {
    Mode.OFF: pgettext_lazy("policy", "Off"),
    Mode.SHADOW: pgettext_lazy("policy", "In shadow"),
    Mode.IN_FORCE: pgettext_lazy("policy", "In force"),
}
OUTCOME = {
    Outcome.PASS: pgettext_lazy("outcome", "Holds"),
    Outcome.FAIL: pgettext_lazy("outcome", "Does not hold"),
    Outcome.INDETERMINATE: pgettext_lazy("outcome", "Cannot be told"),
    Outcome.NOT_APPLICABLE: pgettext_lazy("outcome", "Not concerned"),
}
