"""Themes, coverage, changes and about."""

from django.http import HttpResponse


def _later(request, slug=None):
    return HttpResponse("")


tag_list = tag = coverage = changes = about = _later
