"""Organizations that the sources name, and what they claim about the country and each of them."""

from django.db import models
from django.urls import reverse

from kb.models import Claim, parent_link


class Organization(Claim):
    """An organization that a source names. That two names mean one body is an editor's reading."""

    description = "which the sources name, and what they claim of them"
    fixture = "4-organizations"

    claim_ptr = parent_link("organization")

    identity = models.TextField(
        "identity, as we read it",
        blank=True,
        help_text="That two names mean one body, or why we keep two apart: ours, not a source's.",
    )
    reference = models.CharField(
        max_length=500, blank=True, help_text="The ground of that reading, outside the sources."
    )


class Membership(Claim):
    """What a source claims about the country and an organization, in the source's own degree."""

    description = "relations with organizations, in the source's degree"
    fixture = "4-organizations"

    claim_ptr = parent_link("membership")

    class Degree(models.TextChoices):
        MEMBER = "member", "Member"
        FOUNDER = "founder", "Founder"
        ACTIVE = "active", "Active member"
        COOPERATION = "cooperation", "Cooperates with"

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="memberships")
    degree = models.CharField(max_length=11, choices=Degree)

    @classmethod
    def page_of(cls, slug):
        """A membership is shown on its organization's page, to which its address redirects."""
        return reverse("claim", args=[slug])

    def shown_at(self):
        """The place on the organization's page, if that is public. One query."""
        if self.organization.status != Claim.Status.PUBLISHED:
            return ""
        return f"{self.organization.get_absolute_url()}#{self.slug}"

    @classmethod
    def list_url(cls):
        return reverse("organization-list")

    @property
    def how(self) -> str:
        return self.get_degree_display().lower()
