"""For those who watch the machine: `/healthz` and `/metrics`."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST

from unspoken.intake.metrics import exposition
from unspoken.kit.clock import now


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer 200 when the database answers, 503 when it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "unavailable", "database": "does not answer"}, status=503)
    return JsonResponse({"status": "ok"})


def metrics(request: HttpRequest) -> HttpResponse:
    """Answer the counters and histograms in Prometheus' text format; they hold no personal data."""
    return HttpResponse(exposition(now=now()), content_type=CONTENT_TYPE_LATEST)
