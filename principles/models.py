"""What the sources hold to, whom they name, what they report as said, and what else they claim."""

from django.db import models
from django.db.models import Q

from kb.models import Citation, Claim, parent_link


class Principle(Claim):
    """The sources hold to it."""

    public_name, public_plural = "principle", "principles"
    description = "what the policy is said to rest on"
    fixture = "5-principles"
    is_mapped = True

    claim_ptr = parent_link("principle")


class Leader(Claim):
    """A person whom the sources name; the citations are the names and titles as they write them."""

    public_name, public_plural = "leader", "leaders"
    description = "whom the sources name, and how"
    fixture = "3-leaders"
    is_mapped = True
    is_facet = True

    claim_ptr = parent_link("leader")


class Quotation(Claim):
    """What somebody said: in quotation marks and attributed (direct), or retold (reported)."""

    public_name, public_plural = "quotation", "quotations"
    description = "what somebody is said to have said: quoted directly, or reported"
    fixture = "6-quotations"

    claim_ptr = parent_link("quotation")

    class Mode(models.TextChoices):
        DIRECT = "direct", "direct"
        REPORTED = "reported", "reported"

    mode = models.CharField(max_length=8, choices=Mode)
    leader = models.ForeignKey(
        Leader, models.PROTECT, null=True, blank=True, related_name="quotations"
    )
    speaker_name = models.CharField(
        max_length=200, blank=True, help_text="A speaker who is no leader, as the source names it."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(leader=None) ^ Q(speaker_name=""),
                name="principles_quotation_one_speaker",
                violation_error_message="Choose a leader or name another speaker: one of the two.",
            )
        ]

    @property
    def speaker(self) -> str:
        return self.leader.title if self.leader else self.speaker_name

    @property
    def is_reported(self) -> bool:
        return self.mode == self.Mode.REPORTED

    @property
    def how(self) -> str:
        return self.get_mode_display()

    def problems(self):
        cited = self.all_citations()
        found = super().problems()
        if not any(citation.role == Citation.Role.SPEAKER for citation in cited):
            found.append("No citation says who speaks: cite those words in the role of speaker.")
        if self.mode == self.Mode.DIRECT:
            found += [
                f"“{citation.exact[:60]}” does not stand in quotation marks in the source: "
                "a direct quotation does."
                for citation in cited
                if citation.role == Citation.Role.EVIDENCE and not _in_marks(citation)
            ]
        return found


class Statement(Claim):
    """Any other claim."""

    public_name, public_plural = "statement", "statements"
    description = "everything else that is claimed"
    fixture = "7-statements"

    claim_ptr = parent_link("statement")


def _in_marks(citation: Citation) -> bool:
    """Whether the words lie inside one pair of quotation marks of their paragraph."""
    text = citation.paragraph.text
    before, after = text[: citation.start], text[citation.end :]
    for opening, closing in ("“”", "«»", "„“", '""'):
        if opening == closing:
            inside = before.count(opening) % 2 == 1
        else:
            inside = before.rfind(opening) > before.rfind(closing)
        if inside and closing not in citation.exact and closing in after:
            return True
    return False
