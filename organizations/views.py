"""Pages of organizations."""

from django.http import HttpResponse


def organization_list(request):
    return HttpResponse("")


def organization(request, slug):
    return HttpResponse("")
