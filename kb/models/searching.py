"""What can be found, as ``kb.search`` keeps it: made of public content, and no content itself."""

from django.db import models

from .claims import Claim
from .sources import Paragraph


class TokensField(models.Field):
    """A set of tokens of ASCII letters and digits. A tsvector on PostgreSQL, which has no order."""

    def db_type(self, connection):
        return "tsvector" if connection.vendor == "postgresql" else "text"

    def to_python(self, value):
        return set(value.replace("'", "").split()) if isinstance(value, str) else value

    def from_db_value(self, value, expression, connection):
        return self.to_python(value)

    def value_to_string(self, obj):
        return self.get_prep_value(self.value_from_object(obj))

    def get_prep_value(self, value):
        return value and " ".join(sorted(value))


class Entry(models.Model):
    """A published claim, or a run of words of a current paragraph, from the code point ``start``.

    ``facets`` are what it can be chosen by, ``name=value`` apart by spaces. ``words`` are folded
    and in order: of a claim a line each for the title, our own words and the others.
    """

    claim = models.OneToOneField(Claim, models.CASCADE, null=True, related_name="+")
    paragraph = models.ForeignKey(Paragraph, models.CASCADE, null=True, related_name="+")
    start = models.PositiveIntegerField(default=0)
    facets = models.TextField()
    words = models.TextField()
    tokens = TokensField()

    class Meta:
        verbose_name_plural = "entries"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(claim=None) ^ models.Q(paragraph=None),
                name="kb_entry_of_claim_or_paragraph",
            ),
            models.UniqueConstraint(fields=["paragraph", "start"], name="kb_entry_once"),
        ]

    def __str__(self):
        return str(self.claim or self.paragraph)


class Word(models.Model):
    """A word of the entries, folded, and in how many of them it stands."""

    word = models.CharField(max_length=100, unique=True)
    stem = models.CharField(max_length=100, db_index=True)
    count = models.PositiveIntegerField()

    def __str__(self):
        return self.word
