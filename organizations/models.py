"""Organizations that the sources name, and what they claim about the country and each of them."""

from typing import ClassVar

from django.db import models
from django.urls import reverse

from kb.models import Citation, Claim, parent_link
from kb.models.claims import ClaimQuerySet


class OrganizationQuerySet(ClaimQuerySet):
    def for_list(self):
        """By the first of its published ``relations``, then by title; both with citations.

        What is named only comes last. Three queries more.
        """
        relations = Membership.objects.published().by_degree()
        cited = models.Prefetch("citations", Citation.objects.with_places())
        return (
            self.annotate(
                place=models.Min(
                    in_order("memberships__degree"),
                    filter=models.Q(memberships__status=Claim.Status.PUBLISHED),
                    default=len(Membership.ORDER),
                )
            )
            .order_by("place", "title", "pk")
            .prefetch_related(
                cited,
                models.Prefetch("memberships", relations.prefetch_related(cited), "relations"),
            )
        )


class Organization(Claim):
    """An organization that a source names. That two names mean one body is an editor's reading."""

    public_name, public_plural = "organization", "organizations"
    description = "which the sources name, and what they claim of them"
    fixture = "4-organizations"
    is_mapped = True
    is_facet = True

    claim_ptr = parent_link("organization")

    identity = models.TextField(
        "identity, as we read it",
        blank=True,
        help_text="That two names mean one body, or why we keep two apart: ours, not a source's.",
    )
    reference = models.CharField(
        max_length=500, blank=True, help_text="The ground of that reading, outside the sources."
    )

    relations: list["Membership"]  # in a list of organizations

    objects: ClassVar = OrganizationQuerySet.as_manager()


class MembershipQuerySet(ClaimQuerySet):
    def by_degree(self):
        """In the order of the public headings, then by title."""
        return self.order_by(in_order("degree"), "title", "pk")


class Membership(Claim):
    """What a source claims about the country and an organization, in the source's own degree.

    In public it is a relation: "Cooperates with" is no membership.
    """

    public_name, public_plural = "relation", "relations"
    description = "what the sources claim of the country and an organization, in their degree"
    fixture = "4-organizations"
    held_by = "organization"

    claim_ptr = parent_link("membership")

    class Degree(models.TextChoices):
        MEMBER = "member", "Member"
        FOUNDER = "founder", "Founder"
        ACTIVE = "active", "Active member"
        COOPERATION = "cooperation", "Cooperates with"

    ORDER = (Degree.MEMBER, Degree.ACTIVE, Degree.FOUNDER, Degree.COOPERATION)

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="memberships")
    degree = models.CharField(max_length=11, choices=Degree)

    objects: ClassVar = MembershipQuerySet.as_manager()

    @classmethod
    def page_of(cls, slug):
        """A membership is shown on its organization's page, to which its address redirects."""
        return reverse("claim", args=[slug])

    def shown_at(self):
        """The place on the organization's page, if that is public. One query."""
        if self.organization.status != Claim.Status.PUBLISHED:
            return ""
        return f"{self.organization.get_absolute_url()}#relation-{self.slug}"

    @classmethod
    def list_url(cls):
        return reverse("organization-list")

    @property
    def label(self) -> str:
        return self.get_degree_display()

    @property
    def sigla(self) -> str:
        """Of the sources that claim it: A, B. Its citations have their places."""
        found = {c.paragraph.transcription.source.siglum for c in self.citations.all()}
        return ", ".join(sorted(found, key=lambda siglum: (len(siglum), siglum)))


def in_order(field: str) -> models.Case:
    """The place of a degree in the order of the public headings."""
    return models.Case(
        *(models.When(**{field: degree}, then=n) for n, degree in enumerate(Membership.ORDER))
    )
