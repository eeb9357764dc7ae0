"""What editors do on the way: steps and states of a claim, texts coming in, what was carried over.

None of it is content: the public never sees it, and no cache depends on it.
"""

from django.conf import settings
from django.db import models
from django.utils import timezone
from reversion.models import Revision

from ..wording import shortened
from .claims import Claim
from .sources import Source, Transcription


def _by() -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )


class Step(models.Model):
    """One change of a claim's standing: who, when, to which status. ``kb.publishing`` adds them.

    The steps of a draft successor become those of the claim that it replaces.
    """

    claim = models.ForeignKey(Claim, models.CASCADE, related_name="steps")
    status = models.CharField(max_length=9, choices=Claim.Status)
    note = models.TextField(blank=True, help_text="For other editors: why it was sent back, …")
    by = _by()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self):
        return f"{self.claim}: {self.get_status_display()}"


class Revised(models.Model):
    """A state of a claim in the history of drafts: its content is in ``revision``.

    ``claim`` is the one whose history it belongs to: of a draft successor, that which it replaces.
    ``row`` is the key of the row that held it, which may be gone; see ``kb.revisions``.
    """

    revision = models.ForeignKey(Revision, models.CASCADE, related_name="revised")
    claim = models.ForeignKey(Claim, models.CASCADE, related_name="revised")
    row = models.PositiveBigIntegerField()
    status = models.CharField(max_length=9, choices=Claim.Status)

    class Meta:
        ordering = ["-pk"]
        constraints = [models.UniqueConstraint(fields=["revision", "row"], name="kb_revised_once")]

    def __str__(self):
        return f"{self.claim} on {self.revision.date_created:%-d %B %Y}"


class Intake(models.Model):
    """A text on its way in: looked at, cut and described before it becomes a transcription.

    ``text`` is what is to be stored, to the code point; ``original`` is what an extractor made it
    from, empty for plain text. ``source`` is set when it is the next transcription of one that is
    there; for a new one ``described`` holds the fields of ``Source``.
    """

    name = models.CharField(max_length=255, blank=True, help_text="Of the file, if it was one.")
    text = models.TextField()
    original = models.TextField(blank=True)
    remarks = models.JSONField(default=list, help_text="What was normalised, for people.")
    overrides = models.JSONField(default=dict, help_text="Where the proposed cut is overridden.")
    source = models.ForeignKey(
        Source, models.CASCADE, null=True, blank=True, related_name="intakes"
    )
    described = models.JSONField(default=dict)
    by = _by()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = "text coming in"
        verbose_name_plural = "texts coming in"

    def __str__(self):
        beginning = getattr(self, "beginning", "") or self.text
        return self.name or shortened(beginning[:200].strip(), 60) or "a text"


class Carry(models.Model):
    """What was carried from a source's earlier transcriptions when ``transcription`` came in.

    ``moved`` has the shape that ``kb.correcting`` gives it and is all that undoing it needs.
    """

    transcription = models.OneToOneField(Transcription, models.CASCADE, related_name="carry")
    moved = models.JSONField(default=dict)
    by = _by()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = "correction carried over"
        verbose_name_plural = "corrections carried over"

    def __str__(self):
        return f"to {self.transcription}"


class Proof(models.Model):
    """What ``verify`` found when an editor had the invariants proved. One row: the last counts.

    ``faults`` are the first of ``count``; ``is_whole`` unless the proof took too long.
    """

    count = models.PositiveIntegerField()
    faults = models.JSONField(default=list)
    is_whole = models.BooleanField()
    by = _by()
    at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"{self.count} faults"
