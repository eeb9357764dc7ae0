"""Pages of principles, leaders, quotations and statements."""

from django.http import HttpResponse


def _later(request, slug=None):
    return HttpResponse("")


principle_list = principle = leader_list = leader = _later
quotation_list = quotation = statement_list = statement = _later
