"""The public history: what was said in each edition; and the counter that caches go by."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from .claims import Claim
from .natural import depends_on
from .sources import Paragraph


class EditionQuerySet(models.QuerySet):
    def get_by_natural_key(self, number):
        return self.get(number=number)

    def with_counts(self):
        """Adds ``published_count`` and ``withdrawn_count``, of claims; newest first."""
        return self.annotate(
            published_count=models.Count(
                "publications", filter=models.Q(publications__status=Claim.Status.PUBLISHED)
            ),
            withdrawn_count=models.Count(
                "publications", filter=models.Q(publications__status=Claim.Status.WITHDRAWN)
            ),
        ).order_by("-number")


class Edition(models.Model):
    """One editorial act on the published base, numbered from 1."""

    class Kind(models.TextChoices):
        LOAD = "load", "load"
        PUBLICATION = "publication", "publication"
        WITHDRAWAL = "withdrawal", "withdrawal"

    number = models.PositiveIntegerField(unique=True)
    kind = models.CharField(max_length=11, choices=Kind)
    note = models.TextField(blank=True)
    created = models.DateTimeField(default=timezone.now)
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    digest = models.CharField(
        max_length=64,
        blank=True,
        help_text="After a load: the SHA-256 of the content, to tell later edits by.",
    )

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]

    def __str__(self):
        return f"Edition {self.number}"

    def natural_key(self):
        return (self.number,)


class PublicationQuerySet(models.QuerySet):
    def get_by_natural_key(self, number, slug):
        return self.get(edition__number=number, claim__slug=slug)


class Publication(models.Model):
    """The state of one claim in one edition, for ever: triggers refuse changes.

    ``snapshot`` has the shape of ``kb.snapshots.snapshot``, in the version that ``format`` names.
    """

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="publications")
    claim = models.ForeignKey(Claim, models.PROTECT, related_name="publications")
    status = models.CharField(max_length=9, choices=Claim.Status)
    format = models.PositiveSmallIntegerField(default=1)
    snapshot = models.JSONField()

    objects = PublicationQuerySet.as_manager()

    class Meta:
        ordering = ["-edition__number", "claim__title"]
        constraints = [
            models.UniqueConstraint(fields=["edition", "claim"], name="kb_publication_once")
        ]

    def __str__(self):
        return f"{self.claim} in {self.edition}"

    @depends_on("kb.edition", "kb.claim")
    def natural_key(self):
        return (*self.edition.natural_key(), *self.claim.natural_key())


class PublishedWords(models.Model):
    """Words that a publication cites, whether a claim still does: their address stays.

    Told by the snapshots as well; here nobody has to search those. ``kb.snapshots`` adds them.
    """

    paragraph = models.ForeignKey(Paragraph, models.PROTECT, related_name="published_words")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()

    class Meta:
        ordering = ["paragraph", "start", "end"]
        constraints = [
            models.UniqueConstraint(
                fields=["paragraph", "start", "end"], name="kb_publishedwords_once"
            )
        ]

    def __str__(self):
        return f"{self.paragraph.ref}.{self.start}-{self.end}"


class ContentVersion(models.Model):
    """One row: a number that triggers raise with every change that can show. For caches alone."""

    value = models.PositiveBigIntegerField(default=0)

    def __str__(self):
        return str(self.value)
