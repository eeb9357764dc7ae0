"""Claims, which citations bind to words. Kinds of claims are children of ``Claim``."""

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from taggit.managers import TaggableManager
from taggit.models import ItemBase, Tag

from .citations import Citation, telling
from .natural import depends_on
from .sources import Paragraph


class TaggedClaim(ItemBase):
    """A theme of a claim. The key is to ``Claim`` itself, so a child's tags are its parent's."""

    content_object = models.ForeignKey("kb.Claim", models.CASCADE, related_name="tagged")
    tag = models.ForeignKey(Tag, models.CASCADE, related_name="tagged_claims")

    class Meta:
        ordering = ["content_object", "tag"]
        constraints = [
            models.UniqueConstraint(fields=["content_object", "tag"], name="kb_taggedclaim_once")
        ]

    natural_key_fields = ["content_object__slug", "tag__name"]

    @depends_on("kb.claim", "taggit.tag")
    def natural_key(self):
        return (self.content_object.slug, self.tag.name)


class ClaimQuerySet(models.QuerySet):
    def get_by_natural_key(self, slug):
        return self.get(slug=slug)

    def published(self):
        """What the public may see; every public page, count and feed starts here."""
        return self.filter(status=Claim.Status.PUBLISHED)

    def working(self):
        """What editors work on: drafts, and published claims of which no draft is open."""
        return self.exclude(status=Claim.Status.WITHDRAWN).filter(successor=None)

    def for_list(self):
        """With citations (paragraph, transcription, source) and tags: two queries more."""
        return self.prefetch_related(
            models.Prefetch("citations", Citation.objects.with_places()), "tags"
        )

    def count_by_kind(self) -> dict[str, int]:
        """How many of each kind that there are. One query."""
        return dict(self.order_by().values_list("kind").annotate(models.Count("pk")))

    def with_kinds(self):
        """With the row of each claim's kind, so that ``specific()`` is free; no query more."""
        return self.select_related(*(f"as_{kind}" for kind in Claim.kinds()))

    def whole(self) -> list["Claim"]:
        """The rows of their kinds with all that ``snapshot``, ``problems`` and ``references`` tell
        of: those ask nothing more. Four queries; a claim without the row of its kind is left out.
        """
        own = [
            f"as_{kind}__{name}" for kind, row in Claim.kinds().items() for name in row.refers_by()
        ]
        claims = self.with_kinds().select_related(*own)
        rows = [getattr(claim, f"as_{claim.kind}", None) for claim in claims]
        found = [row for row in rows if row is not None]
        cited = models.Prefetch("citations", Citation.objects.with_places())
        models.prefetch_related_objects(found, cited, "tags", "about")
        return found

    def by_kind(self):
        """In the order of the kinds, then by title."""
        places = [models.When(kind=kind, then=n) for n, kind in enumerate(Claim.kinds())]
        return self.order_by(models.Case(*places, default=len(places)), "title", "pk")

    def with_editions(self):
        """Adds ``first_edition`` and ``last_edition``, numbers, and the time of the last,
        ``last_edited``; None before publication.
        """
        return self.annotate(
            first_edition=models.Min("publications__edition__number"),
            last_edition=models.Max("publications__edition__number"),
            last_edited=models.Max("publications__edition__created"),
        )

    def public(self):
        """Claims whose address answers: published, or withdrawn (with the reason alone)."""
        return self.filter(status__in=[Claim.Status.PUBLISHED, Claim.Status.WITHDRAWN])


class Claim(models.Model):
    """One thing that the knowledge base says, in its own words, attributed to its sources.

    The parent table of every kind: one to search, list and count. ``kind`` is the model name of
    the child. Only ``kb.publishing`` changes a claim that is published or withdrawn: the triggers
    refuse everybody else.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "draft"
        REVIEW = "review", "in review"
        PUBLISHED = "published", "published"
        WITHDRAWN = "withdrawn", "withdrawn"

    EDITIONS = ("first_edition", "last_edition", "last_edited")  # with_editions() sets them
    DRAFT_SUFFIX = "~draft"
    # The status of a public claim inside the transaction that changes it; never seen outside.
    UNLOCKED = "unlocked"

    # Of each kind: what the public reads it called, what it holds, in a few words, and the
    # fixture file that it is written to.
    public_name = public_plural = ""
    description = ""
    fixture = ""
    # The field with the claim in whose row it stands where sources are compared; empty for its own.
    held_by = ""
    is_mapped = False  # drawn on the home page's map of claims
    is_facet = False  # whether others can be chosen by which of this kind they concern

    kind = models.CharField(max_length=20, editable=False)
    slug = models.SlugField(
        max_length=100, unique=True, help_text="The permanent address; fixed once published."
    )
    title = models.CharField(max_length=200, help_text="A short heading, ours.")
    sentence = models.TextField(
        help_text="The claim, in our words: neutral, attributed, no more than the cited words say."
    )
    note = models.TextField(blank=True, help_text="An editor's note, ours: how the words are read.")
    status = models.CharField(
        max_length=9, choices=Status, default=Status.DRAFT, editable=False, db_index=True
    )
    withdrawal_reason = models.TextField(blank=True, editable=False)
    supersedes = models.OneToOneField(
        "self", models.CASCADE, null=True, blank=True, editable=False, related_name="successor"
    )
    about = models.ManyToManyField(
        "self",
        symmetrical=False,
        blank=True,
        related_name="concerned_by",
        help_text="The leaders, organizations and principles that this concerns.",
    )
    tags = TaggableManager(through=TaggedClaim, blank=True, verbose_name="themes")
    touched_by = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        editable=False,
        related_name="+",
        help_text="Who changed it since its last publication, and so may not publish it.",
    )

    objects = ClaimQuerySet.as_manager()

    class Meta:
        ordering = ["title", "pk"]
        permissions = [("publish_claim", "Can publish and withdraw claims")]
        indexes = [models.Index(fields=["kind", "status", "title"], name="kb_claim_listed")]
        constraints = [
            models.CheckConstraint(condition=~Q(kind=""), name="kb_claim_has_kind"),
            models.CheckConstraint(
                condition=~Q(status="withdrawn") | ~Q(withdrawal_reason=""),
                name="kb_claim_withdrawn_with_reason",
                violation_error_message="A withdrawal needs a reason, which the public sees.",
            ),
            models.CheckConstraint(
                condition=Q(supersedes=None, slug__regex=r"^[-a-zA-Z0-9_]+$")
                | Q(
                    supersedes__isnull=False,
                    slug__endswith="~draft",
                    status__in=["draft", "review"],
                ),
                name="kb_claim_successor_is_no_public_draft",
                violation_error_message="Only the draft of a published claim has such a slug.",
            ),
        ]

    def __str__(self):
        return self.title

    def natural_key(self):
        return (self.slug,)

    def save(self, *args, **kwargs):
        """Saves a draft. Raises ValidationError for a claim that is published or withdrawn.

        What counts is the stored status: somebody may have published it meanwhile. One query.
        """
        if type(self) is not Claim:
            self.kind = str(self._meta.model_name)
        if not self._state.adding:
            stored = Claim.objects.filter(pk=self.pk).values_list("status", flat=True).first()
            if stored in (self.Status.PUBLISHED, self.Status.WITHDRAWN):
                self.status = stored
        if self.is_frozen:
            raise ValidationError(
                f"“{self}” is {self.get_status_display()} and is not changed in place: "
                "open its draft, change that and publish it."
            )
        super().save(*args, **kwargs)

    @property
    def telling(self) -> "Citation | None":
        return telling(self, self.citations.all())

    @property
    def is_frozen(self) -> bool:
        return self.status in (self.Status.PUBLISHED, self.Status.WITHDRAWN)

    @classmethod
    def kinds(cls) -> dict[str, type["Claim"]]:
        """Each kind's name and model, in the order of the installed apps."""
        return {str(child._meta.model_name): child for child in Claim.__subclasses__()}

    def specific(self) -> "Claim":
        """The child row of this claim. One query. Raises ObjectDoesNotExist if it has none."""
        if type(self) is not Claim:
            return self
        if self.kind not in self.kinds():
            raise ObjectDoesNotExist(f"“{self.kind}” is no kind of claim.")
        return getattr(self, f"as_{self.kind}")

    def get_absolute_url(self) -> str:
        """The page that shows the claim; its permanent address if it is of no known kind."""
        kind = self.kinds().get(self.kind)
        return kind.page_of(self.slug) if kind else self.permanent_url

    @property
    def permanent_url(self) -> str:
        return reverse("claim", args=[self.slug])

    def shown_at(self) -> str:
        """Where the permanent address leads; empty if no other page can show the claim."""
        return self.page_of(self.slug)

    @classmethod
    def page_of(cls, slug: str) -> str:
        """Overridden by kinds that are shown on another's page."""
        return reverse(cls._meta.model_name, args=[slug])

    @classmethod
    def list_url(cls) -> str:
        """The page that lists this kind."""
        return reverse(f"{cls._meta.model_name}-list")

    @property
    def label(self) -> str:
        """What stands before the title, in public: the name of the kind, or, of some, more."""
        kind = self.kinds().get(self.kind)
        return (kind.public_name if kind else self.kind).capitalize()

    @property
    def how(self) -> str:
        """A word on how the claim is made, which some kinds have: direct, reported."""
        return ""

    @property
    def speaker(self) -> str:
        """Who is said to have said its words; of kinds that tell of nobody who speaks, nobody."""
        return ""

    @property
    def is_reported(self) -> bool:
        """Whether the source retells what was said."""
        return False

    @classmethod
    def refers_by(cls) -> list[str]:
        """The names of the fields of this kind that refer to another claim."""
        own = (field for field in cls._meta.local_fields if not field.primary_key)
        return [field.name for field in own if issubclass(field.related_model or object, Claim)]

    def references(self) -> list["Claim"]:
        """The claims that this one, the row of its kind, refers to."""
        keys = (getattr(self, name) for name in self.refers_by())
        return list({other: None for other in (*keys, *self.about.all()) if other})

    def all_citations(self) -> list["Citation"]:
        """With their places, in order: those that were fetched beforehand, or else by a query."""
        fetched = "citations" in getattr(self, "_prefetched_objects_cache", {})
        return list(self.citations.all() if fetched else self.citations.with_places())

    def problems(self) -> list[str]:
        """What stands against publication, for people; children add their own."""
        found = [
            f"The theme “{tag}” has no address: give it a slug, or a name with a letter in it."
            for tag in self.tags.all()
            if not tag.slug
        ]
        found += [
            f"The {name} is missing." for name in ("title", "sentence") if not getattr(self, name)
        ]
        cited_in = {citation.paragraph.kind for citation in self.all_citations()}
        if not cited_in:
            found.append("No citation: cite the words it rests on.")
        elif Paragraph.Kind.BODY not in cited_in:
            found.append("It rests on a heading alone: cite words of a paragraph as well.")
        return found


def parent_link(kind: str) -> models.OneToOneField:
    """A child's link to its claim; its reverse, ``as_<kind>``, leaves the plain name free."""
    return models.OneToOneField(
        Claim, models.CASCADE, parent_link=True, primary_key=True, related_name=f"as_{kind}"
    )
