"""What every public page knows. It reads settings alone: no user, session or query."""

from django.conf import settings


def site(request) -> dict[str, str]:
    return {
        "kb_title": settings.KB_TITLE,
        "kb_subtitle": settings.KB_SUBTITLE,
        "kb_report_address": settings.KB_REPORT_ADDRESS,
    }
