"""Small content for tests: a text becomes a source; words of it carry a claim."""

from itertools import count

from django.contrib.auth.models import Group, User

from kb.cutting import cut
from kb.models import Citation, Claim, Edition, Paragraph, Publication, Source, Transcription
from kb.publishing import next_edition, publish, withdraw
from kb.storing import store
from organizations.models import Membership, Organization
from principles.models import Leader, Principle, Quotation, Statement

_numbers = count(1)

KINDS = {
    cls._meta.model_name: cls
    for cls in (Principle, Leader, Quotation, Statement, Organization, Membership)
}


def make_user(name: str, *groups: str) -> User:
    """Somebody who gets into the admin, of the groups "Editors" or "Reviewers"."""
    user = User.objects.create_user(name, is_staff=True)
    user.groups.set([Group.objects.get(name=group) for group in groups])
    return user


def make_source(text: str, slug: str = "", **fields) -> Transcription:
    """Cuts ``text`` (one paragraph a line) and stores it as a new source."""
    slug = slug or f"source-{next(_numbers)}"
    cuts = {name: fields.pop(name) for name in ("heading", "join") if name in fields}
    return store(Source(slug=slug, title=fields.pop("title", slug), **fields), cut(text, **cuts))


def make_claim(kind: str = "principle", slug: str = "", *, tags=(), about=(), **fields) -> Claim:
    """A draft without citations."""
    slug = slug or f"{kind}-{next(_numbers)}"
    fields.setdefault("title", slug.replace("-", " ").capitalize())
    fields.setdefault("sentence", f"The source names {slug}.")
    if kind == "quotation":
        fields.setdefault("mode", "reported")
        if "leader" not in fields:
            fields.setdefault("speaker_name", "Baku")
    if kind == "membership":
        fields.setdefault("degree", "member")
    claim = KINDS[kind](slug=slug, **fields)
    claim.save()
    claim.tags.add(*tags)
    claim.about.set(about)
    return claim


def cite(claim: Claim, transcription: Transcription, ref: str, exact: str, **fields) -> Citation:
    """Binds ``claim`` to the only place of ``exact`` in paragraph ``ref`` (p1, p2, …)."""
    kind, number = Paragraph.parse_ref(ref)
    paragraph = transcription.paragraphs.get(kind=kind, number=number)
    citation = Citation(claim=claim, paragraph=paragraph, exact=exact, **fields)
    citation.full_clean()
    citation.save()
    return citation


def make_published(kind, transcription, ref, exact, slug="", **fields) -> Claim:
    """A published claim that rests on ``exact``."""
    claim = make_claim(kind, slug, **fields)
    cite(claim, transcription, ref, exact)
    if kind == "quotation":
        claim.citations.update(role="speaker")
    return publish(claim)


def make_hidden(kind, transcription, ref, exact, **fields) -> list[Claim]:
    """A draft, one in review and one withdrawn, all titled "Hidden …": no page may show them."""
    claims = [make_claim(kind, f"hidden-{kind}-{n}", title=f"Hidden {n}", **fields) for n in "ab"]
    for claim in claims:
        cite(claim, transcription, ref, exact)
    Claim.objects.filter(pk=claims[1].pk).update(status=Claim.Status.REVIEW)
    gone = make_published(
        kind, transcription, ref, exact, f"hidden-{kind}-c", title="Hidden c", **fields
    )
    return [*claims, withdraw(gone, "It says more than the words.")]


def make_childless(transcription, ref, exact, slug="childless", kind="principle") -> Claim:
    """A published claim without the row of its kind, as only a fault could leave one."""
    claim = Claim.objects.create(
        kind=kind, slug=slug, title=f"Without a {kind} row", sentence="The source names it."
    )
    cite(claim, transcription, ref, exact)
    Publication.objects.create(
        edition=next_edition(Edition.Kind.LOAD),
        claim=claim,
        status=Claim.Status.PUBLISHED,
        snapshot={"title": claim.title},
    )
    Claim.objects.filter(pk=claim.pk).update(status=Claim.Status.PUBLISHED)
    return claim
