"""What every public page knows. It reads settings alone: no user, session or query.

A page that is shown before it is public, by ``kb.admin.preview``, says so.
"""

from typing import Any

from django.conf import settings


def site(request) -> dict[str, Any]:
    return {
        "kb_title": settings.KB_TITLE,
        "kb_subtitle": settings.KB_SUBTITLE,
        "kb_report_address": settings.KB_REPORT_ADDRESS,
        "preview": getattr(request, "preview", None),
    }
