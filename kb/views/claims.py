"""The permanent address of any claim."""

from django.http import HttpResponse


def claim(request, slug):
    return HttpResponse("")
