"""What /metrics tells of money: what was spent since midnight (UTC), and what nobody knows."""

from collections.abc import Iterator

from django.db.models import Count, Sum
from django.db.models.functions import Now, TruncDay
from prometheus_client.metrics_core import Metric

from billing.models import CostEntry, Doubt, Hold, HoldState
from config.kit.metrics import gauge

MICROS = 1_000_000


def spend() -> Iterator[Metric]:
    today = CostEntry.objects.filter(at__gte=TruncDay(Now())).order_by().values_list("currency")
    spent = [([currency], n / MICROS) for currency, n in today.annotate(n=Sum("amount_micros"))]
    yield gauge("spend_today", "Spent since midnight UTC, in units", ["currency"], spent)
    held = Hold.objects.filter(state=HoldState.OPEN).order_by().values_list("currency")
    about = "Set aside for what is being bought, in units"
    aside = [([currency], n / MICROS) for currency, n in held.annotate(n=Sum("amount_micros"))]
    yield gauge("held", about, ["currency"], aside)
    doubts = Hold.objects.filter(doubt=Doubt.OPEN).aggregate(n=Count("pk"))["n"]
    about = "Paid requests of which nobody knows whether they were served"
    yield gauge("outcomes_unknown", about, [], [([], doubts)])
