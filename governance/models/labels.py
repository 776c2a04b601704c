"""What the words of governance are called on a page. Source language English; French in the catalogue."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from governance.domain.breaches import Kind, Severity, SubjectKind
from governance.domain.notices import MailState, NoticeKind
from governance.domain.states import ApprovalState, Disposition, Standing, ViolationState, WaiverState

SEVERITY = {
    Severity.LOW: pgettext_lazy("severity", "Low"),
    Severity.MEDIUM: pgettext_lazy("severity", "Medium"),
    Severity.HIGH: pgettext_lazy("severity", "High"),
    Severity.CRITICAL: pgettext_lazy("severity", "Critical"),
}
KIND = {
    Kind.CONDITION: pgettext_lazy("kind of violation", "Condition"),
    Kind.OCCURRENCE: pgettext_lazy("kind of violation", "Occurrence"),
}
SUBJECT_KIND = {
    SubjectKind.SYSTEM: _("AI system"),
    SubjectKind.DEPLOYMENT: _("Deployment"),
    SubjectKind.DATASET: _("Dataset"),
    SubjectKind.ENDPOINT: _("Endpoint"),
    SubjectKind.SITE: _("Site"),
    SubjectKind.SENDER: _("Sender"),
    SubjectKind.SPAN: _("Span"),
    SubjectKind.MESSAGE: _("Message"),
    SubjectKind.BUDGET: _("Budget"),
}
VIOLATION_STATE = {
    ViolationState.OPEN: pgettext_lazy("violation", "Open"),
    ViolationState.ACKNOWLEDGED: pgettext_lazy("violation", "Acknowledged"),
    ViolationState.IN_PROGRESS: pgettext_lazy("violation", "In progress"),
    ViolationState.WAIVED: pgettext_lazy("violation", "Waived"),
    ViolationState.RESOLVED: pgettext_lazy("violation", "Put right, to be confirmed"),
    ViolationState.DISPOSED: pgettext_lazy("violation", "Closed by a person"),
    ViolationState.CLOSED_BY_EVALUATION: pgettext_lazy("violation", "Holds no more"),
}
DISPOSITION = {
    Disposition.REMEDIED: pgettext_lazy("disposition", "Put right"),
    Disposition.NO_HARM: pgettext_lazy("disposition", "No harm done"),
    Disposition.FALSE_ALARM: pgettext_lazy("disposition", "False alarm"),
    Disposition.INCIDENT: pgettext_lazy("disposition", "Handled as an incident"),
}
WAIVER_STATE = {
    WaiverState.ASKED: pgettext_lazy("waiver", "To be decided"),
    WaiverState.GRANTED: pgettext_lazy("waiver", "Granted"),
    WaiverState.REFUSED: pgettext_lazy("waiver", "Refused"),
    WaiverState.WITHDRAWN: pgettext_lazy("waiver", "Withdrawn"),
    WaiverState.ENDED: pgettext_lazy("waiver", "Ended"),
}
APPROVAL_STATE = {
    ApprovalState.ASKED: pgettext_lazy("approval", "To be decided"),
    ApprovalState.APPROVED: pgettext_lazy("approval", "Approved"),
    ApprovalState.REJECTED: pgettext_lazy("approval", "Rejected"),
    ApprovalState.WITHDRAWN: pgettext_lazy("approval", "Withdrawn"),
}
STANDING = {
    Standing.APPROVED: pgettext_lazy("approval", "Approved"),
    Standing.PENDING: pgettext_lazy("approval", "To be decided"),
    Standing.STALE: pgettext_lazy("approval", "Changed since"),
    Standing.EXPIRED: pgettext_lazy("approval", "Expired"),
    Standing.NONE: pgettext_lazy("approval", "Nobody has approved it"),
}
NOTICE = {
    NoticeKind.OPENED: _("New violations"),
    NoticeKind.RETURNED: _("Violations that are back"),
    NoticeKind.ASSIGNED: _("A violation was given to you"),
    NoticeKind.WAIVER_DECIDED: _("A waiver was decided"),
    NoticeKind.WAIVER_ENDED: _("A waiver has ended"),
    NoticeKind.APPROVAL_ASKED: _("Your approval is asked for"),
    NoticeKind.APPROVAL_DECIDED: _("An approval was decided"),
    NoticeKind.APPROVAL_STALE: _("An approval no longer fits"),
}
MAIL_STATE = {
    MailState.WAITING: pgettext_lazy("mail", "To be sent"),
    MailState.LEASED: pgettext_lazy("mail", "Being sent"),
    MailState.SENT: pgettext_lazy("mail", "Sent"),
    MailState.DEAD: pgettext_lazy("mail", "Could not be sent"),
    MailState.NOT_CONFIGURED: pgettext_lazy("mail", "Not sent: no mail set up"),
}
