"""Where in the sources three words stand in a row."""

from django.db import models

from kb.models import Paragraph


class Shingle(models.Model):
    """A word of a current transcription, and the two that follow it. No content: see ``index``."""

    key = models.BigIntegerField(help_text="Of the three words: see kb.textcheck.index.")
    paragraph = models.ForeignKey(Paragraph, models.CASCADE, related_name="+")
    word = models.PositiveIntegerField(help_text="Its number in the paragraph, from 0.")

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["key", "paragraph", "word"], name="textcheck_by_key")]

    def __str__(self):
        return f"{self.key} at {self.paragraph_id}.{self.word}"
