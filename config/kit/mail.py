"""Mail as an outbox: written inside the verb that wants it, sent by a task, tried again.

A letter is two templates, `mail/<name>.txt` and `mail/<name>.html`; the first line of the text is
the subject. Sent at least once: a worker that dies between the server's yes and our note of it
makes a second letter with the same Message-ID.
"""

import logging
import random
from collections.abc import Mapping
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F, Q
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils.text import Truncator

from config.kit import jobs
from config.kit.database import after, verb
from config.kit.errors import Refused
from config.kit.models import Mail, MailState

log = logging.getLogger("showrunner.mail")
WORK = "config.kit.mail.work"
LEASE = timedelta(seconds=120)
SUBJECT = 200  # as long as its column
MAX_ATTEMPTS = 8  # with the pauses below, a day and a half
PAUSES_S = (60, 300, 900, 3600, 4 * 3600, 8 * 3600, 24 * 3600)


@verb
def post(*, to: str, letter: str, context: Mapping[str, Any], team_id: int | None = None) -> Mail:
    """Puts a letter into the outbox; rolled back with the verb that wrote it."""
    told = {**context, "public_url": settings.PUBLIC_URL}
    subject, _, text = render_to_string(f"mail/{letter}.txt", told).strip().partition("\n")
    mail = Mail.objects.create(
        team_id=team_id,
        to=to,
        letter=letter,
        subject=Truncator(" ".join(subject.split())).chars(SUBJECT),
        text=text.strip() + "\n",
        html=render_to_string(f"mail/{letter}.html", told),
        due_at=Now(),
    )
    jobs.enqueue(WORK, to="publish")
    return mail


def work() -> None:
    """Sends what is due, one after the other."""
    while not jobs.stopping():
        mail = _claim()
        if mail is None:
            return
        try:
            _send(mail)
        except (OSError, SMTPException) as error:
            log.warning("mail %s to the server failed: %s", mail.pk, type(error).__name__)
            _put_off(mail, f"{type(error).__name__}: {error}"[:500])
        else:
            _settle(mail)


class NothingToSend(Refused):
    code = "nothing_to_send"


@verb
def send_again(mail: Mail) -> None:
    """Tries a letter anew that was given up. Raises NothingToSend for any other."""
    waiting = {"state": MailState.WAITING, "attempt": 0, "due_at": Now(), "error": ""}
    if not Mail.objects.filter(pk=mail.pk, state=MailState.FAILED).update(**waiting):
        raise NothingToSend("Only a letter that failed is sent again.")
    jobs.enqueue(WORK, to="publish")


def sweep() -> None:
    """Wakes the task for what is due or was lost with its worker."""
    if Mail.objects.filter(_due()).exists():
        jobs.enqueue(WORK, to="publish")


def backlog(cluster: str) -> tuple[int, float]:
    served = cluster == jobs.cluster("publish")
    return jobs.backlog(Mail.objects.filter(_due())) if served else (0, 0.0)


def _due() -> Q:
    waiting = Q(state=MailState.WAITING, due_at__lte=Now())
    return waiting | Q(state=MailState.SENDING, lease_until__lt=Now())


@verb
def _claim() -> Mail | None:
    for found in Mail.objects.filter(_due()).order_by("due_at", "id")[:10]:
        taken = Mail.objects.filter(_due(), pk=found.pk, fence=found.fence).update(
            state=MailState.SENDING,
            attempt=F("attempt") + 1,
            fence=F("fence") + 1,
            lease_until=after(LEASE),
        )
        if taken:
            return Mail.objects.get(pk=found.pk)
    return None


def _send(mail: Mail) -> None:
    letter = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        to=[mail.to],
        headers={"Message-ID": f"<{mail.uid}@showrunner>", "Auto-Submitted": "auto-generated"},
    )
    letter.attach_alternative(mail.html, "text/html")
    letter.send()


@verb
def _settle(mail: Mail) -> None:
    """What a letter said is not kept: it may hold a link that signs somebody in."""
    _mine(mail).update(
        state=MailState.SENT, sent_at=Now(), lease_until=None, error="", text="", html=""
    )


@verb
def _put_off(mail: Mail, error: str) -> None:
    if mail.attempt >= MAX_ATTEMPTS:
        _mine(mail).update(state=MailState.FAILED, lease_until=None, error=error)
        return
    pause = timedelta(seconds=PAUSES_S[mail.attempt - 1] * random.uniform(0.8, 1.2))  # noqa: S311
    _mine(mail).update(state=MailState.WAITING, lease_until=None, due_at=after(pause), error=error)


def _mine(mail: Mail) -> Any:
    return Mail.objects.filter(pk=mail.pk, fence=mail.fence, state=MailState.SENDING)
