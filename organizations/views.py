"""The list of organizations and the page of each, its memberships included."""

from itertools import groupby

from django.core.paginator import Page
from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from kb.map import Map
from kb.models import Transcription
from kb.presenting import Shown
from kb.relating import ClaimPage
from kb.views.claims import list_of, show

from .models import Membership, Organization

HELD = "held"


def organization_list(request: HttpRequest) -> HttpResponse:
    """Six queries: relations, their citations and sources on top; no tags, no themes."""
    return list_of(
        request, Organization.objects.all(), "organizations/organization_list.html", _named
    )


def _named(page: Page) -> dict:
    """What each source calls each organization of the page, by their first relation. One query."""
    transcriptions = list(Transcription.objects.current().with_counts())
    groups = (
        (label, [Shown(claim, list(claim.citations.all()), transcriptions) for claim in group])
        for label, group in groupby(page, _heading)
    )
    relations = (relation for claim in page for relation in claim.relations)
    cited = (c for claim in (*page, *relations) for c in claim.citations.all())
    return {"groups": list(groups), "map": Map(cited)}


def _heading(organization: Organization) -> str:
    relations = organization.relations
    return relations[0].label if relations else "Named only"


def organization(request: HttpRequest, slug: str) -> HttpResponse:
    return show(
        request,
        Organization.objects.all(),
        slug,
        "organizations/organization.html",
        also={HELD: Q(claim__as_membership__organization__slug=slug)},
        more=_memberships,
    )


def _memberships(page: ClaimPage) -> dict:
    """Those of the organization by degree, in the order of the degrees.

    A source that claims one relation is not called silent beside another.
    """
    held = page.take("membership", HELD)
    for shown in held:
        others = {source for other in held if other is not shown for source in _sources(other)}
        for column in shown.all_columns:
            column.says_otherwise = column.source.pk in others
    by_degree = (
        (degree.label, [shown for shown in held if shown.claim.specific().label == degree.label])
        for degree in Membership.ORDER
    )
    return {"degrees": [(label, group) for label, group in by_degree if group]}


def _sources(shown: Shown) -> set[int]:
    return {citation.paragraph.transcription.source_id for citation in shown.citations}
