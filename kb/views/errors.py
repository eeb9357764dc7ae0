"""Pages for what is not there. They use no database."""

from django.http import HttpResponse


def not_found(request, exception=None):
    return HttpResponse("", status=404)


def server_error(request):
    return HttpResponse("", status=500)
