"""The door: publish, withdraw and open_draft, each all or nothing and each on record."""

import pytest
from django.core.exceptions import ValidationError

from kb import publishing
from kb.models import Citation, Claim, Edition, Publication, Sentence, TaggedClaim
from kb.publishing import open_draft, publish, publish_all, touch, withdraw
from kb.snapshots import snapshot
from organizations.models import Membership
from principles.models import Quotation

from .attempts import exported, refused
from .factories import cite, make_claim, make_published, make_source, make_user

TEXT = (
    "Peace is the aim. “We want peace”, said Baku. It is a member of GUAM.\n"
    'He said "first" and then "second". It ends.'
)


@pytest.fixture
def source(db):
    return make_source(TEXT, slug="policy")


@pytest.fixture
def users(db):
    return [make_user(name, "Reviewers") for name in ("writer", "reader")]


@pytest.fixture
def peace(source):
    return make_published("principle", source, "p1", "Peace", slug="peace", tags=["Aims"])


def _state(claim):
    return snapshot(Claim.objects.get(pk=claim.pk))


# publish


def test_publishing_makes_an_edition_with_the_claims_state(source, users):
    claim = make_claim(slug="peace", title="Peace", note="Ours.", tags=["B", "A"])
    cite(claim, source, "p1", "aim", position=2, note="Here.")
    cite(claim, source, "p1", "Peace", position=1, role="name")
    published = publish(claim, by=users[0], note="The first.")
    assert published.status == "published"
    edition = Edition.objects.get()
    assert (edition.number, edition.kind, edition.note) == (1, "publication", "The first.")
    assert edition.editor == users[0]
    record = Publication.objects.get()
    assert (record.edition, record.claim, record.status) == (edition, published, "published")
    assert record.snapshot == {**_state(claim), "titles": {}}
    assert record.snapshot == {
        "kind": "principle",
        "slug": "peace",
        "title": "Peace",
        "sentence": "The source names peace.",
        "note": "Ours.",
        "fields": {},
        "tags": ["A", "B"],
        "about": [],
        "citations": [
            {
                "source": "policy",
                "version": 1,
                "paragraph": "p1",
                "start": start,
                "end": start + len(exact),
                "exact": exact,
                "role": role,
                "note": note,
            }
            for start, exact, role, note in (
                (0, "Peace", "name", ""),
                (13, "aim", "evidence", "Here."),
            )
        ],
        "titles": {},
    }


def test_the_record_holds_the_fields_of_the_kind(source):
    organization = make_published("organization", source, "p1", "GUAM", slug="guam")
    about = make_published("principle", source, "p1", "Peace", slug="peace")
    claim = make_claim(
        "membership", degree="active", organization=organization.specific(), about=[about]
    )
    cite(claim, source, "p1", "member of GUAM")
    publish(claim)
    record = claim.publications.get().snapshot
    assert record["fields"] == {"organization": ["guam"], "degree": "active"}
    assert record["about"] == ["peace"]


def test_editions_are_numbered_one_after_another(source, peace):
    withdraw(peace, "A mistake.")
    make_published("principle", source, "p1", "aim")
    assert [e.number for e in Edition.objects.order_by("pk")] == [1, 2, 3]
    assert [e.kind for e in Edition.objects.order_by("pk")] == [
        "publication",
        "withdrawal",
        "publication",
    ]


def test_what_is_public_is_not_published_again(peace):
    with pytest.raises(ValidationError, match="is published already"):
        publish(peace)
    withdraw(peace, "A mistake.")
    with pytest.raises(ValidationError, match="is withdrawn already"):
        publish(peace)


def test_every_reason_is_named_at_once(source, users):
    claim = make_claim("quotation", mode="direct")
    touch(claim, users[0])
    with pytest.raises(ValidationError) as error:
        publish(claim, by=users[0])
    assert [message.split(":")[0] for message in error.value.messages] == [
        "No citation",
        "No citation says who speaks",
        "You wrote or changed this, so somebody else publishes it. "
        "(A team too small for that sets KB_SELF_PUBLISHING=1.)",
    ]


def test_who_changed_it_does_not_publish_it(source, users, settings):
    settings.KB_SELF_PUBLISHING = False
    writer, reader = users
    claim = make_claim()
    cite(claim, source, "p1", "aim")
    touch(claim, writer)
    touch(claim, None)  # A command has no name.
    with pytest.raises(ValidationError, match="somebody else publishes it"):
        publish(claim, by=writer)
    assert Claim.objects.get(pk=claim.pk).status == "draft"
    published = publish(claim, by=reader)
    assert not published.touched_by.exists()
    draft = open_draft(published, by=reader)
    with pytest.raises(ValidationError, match="somebody else publishes it"):
        publish(draft, by=reader)
    assert publish(draft, by=writer).status == "published"  # Since the last publication, that is.


def test_a_team_of_one_may_let_itself_publish(source, users, settings):
    settings.KB_SELF_PUBLISHING = True
    claim = make_claim()
    cite(claim, source, "p1", "aim")
    touch(claim, users[0])
    assert publish(claim, by=users[0]).status == "published"


def test_only_reviewers_publish_and_withdraw(source, peace):
    editor = make_user("ada", "Editors")
    draft = make_claim()
    cite(draft, source, "p1", "aim")
    before = exported()
    for act in (lambda: publish(draft, by=editor), lambda: withdraw(peace, "Why.", by=editor)):
        with pytest.raises(ValidationError, match="Only reviewers publish and withdraw: send it"):
            act()
    assert publish_all([draft], by=editor)[0] == []
    assert exported() == before
    assert Publication.objects.count() == 1


def test_a_sentence_that_is_cited_is_no_longer_set_aside(source):
    Sentence.objects.update(reason="It says nothing.")
    make_published("principle", source, "p1", "aim. “We")
    reasons = Sentence.objects.values_list("reason", flat=True)
    assert list(reasons) == ["", "", *["It says nothing."] * (len(reasons) - 2)]


def test_a_draft_leaves_a_sentence_set_aside(source):
    Sentence.objects.update(reason="It says nothing.")
    cite(make_claim(), source, "p1", "aim")
    assert not Sentence.objects.filter(reason="").exists()


# Quotations


def _quotation(source, exact, ref="p1", **fields):
    claim = make_claim("quotation", **fields)
    cite(claim, source, ref, exact)
    cite(claim, source, ref, "Baku" if ref == "p1" else "He said", role="speaker")
    return claim


def test_a_direct_quotation_stands_in_quotation_marks(source):
    publish(_quotation(source, "We want peace", mode="direct"))
    for exact in ("Peace is the aim.", "“We want peace”", "We want peace”", "It is a member"):
        with pytest.raises(ValidationError, match="does not stand in quotation marks"):
            publish(_quotation(source, exact, mode="direct"))
    publish(_quotation(source, "Peace is the aim.", mode="reported"))


def test_straight_marks_are_paired(source):
    publish(_quotation(source, "first", ref="p2", mode="direct"))
    publish(_quotation(source, "second", ref="p2", mode="direct"))
    for exact in ("and then", "It ends.", 'first" and then "second'):
        with pytest.raises(ValidationError, match="does not stand in quotation marks"):
            publish(_quotation(source, exact, ref="p2", mode="direct"))


def test_words_across_two_quotations_are_no_quotation(db):
    text = "“One”, he said, “two”, and “three."
    source = make_source(text)
    publish(_cited_direct(source, "One"))
    publish(_cited_direct(source, "two"))
    for exact in ("One”, he said, “two", "he said", "three"):
        with pytest.raises(ValidationError, match="does not stand in quotation marks"):
            publish(_cited_direct(source, exact))


def _cited_direct(source, exact):
    claim = make_claim("quotation", mode="direct")
    cite(claim, source, "p1", exact)
    speaker = source.paragraphs.get()
    claim.citations.create(paragraph=speaker, start=0, end=1, exact=speaker.text[0], role="speaker")
    return claim


def test_other_languages_marks_are_marks(db):
    source = make_source("«Мир», сказал он. „Frieden“, sagte er.")
    publish(_cited_direct(source, "Мир"))
    publish(_cited_direct(source, "Frieden"))
    with pytest.raises(ValidationError, match="quotation marks"):
        publish(_cited_direct(source, "сказал он"))


def test_who_speaks_is_cited(source):
    claim = make_claim("quotation")
    cite(claim, source, "p1", "We want peace")
    with pytest.raises(ValidationError, match="No citation says who speaks"):
        publish(claim)


def test_a_quotation_has_one_speaker(source):
    leader = make_claim("leader")
    for fields in ({"leader": leader, "speaker_name": "Baku"}, {"speaker_name": ""}):
        with pytest.raises(ValidationError, match="one of the two"):
            Quotation(slug="q", title="q", sentence="q", mode="direct", **fields).full_clean()


# withdraw


def test_a_withdrawal_is_on_record_with_its_reason(peace, users):
    withdrawn = withdraw(peace, "Read too much into it.", by=users[0])
    assert (withdrawn.status, withdrawn.withdrawal_reason) == (
        "withdrawn",
        "Read too much into it.",
    )
    edition = Edition.objects.first()
    assert (edition.kind, edition.note) == ("withdrawal", "Read too much into it.")
    assert edition.editor == users[0]
    record = edition.publications.get()
    assert (record.status, record.snapshot) == ("withdrawn", {**_state(peace), "titles": {}})
    assert withdrawn.citations.count() == 1


def test_what_was_withdrawn_comes_back_through_a_draft(peace):
    withdrawn = withdraw(peace, "A mistake.")
    draft = open_draft(withdrawn)
    back = publish(draft)
    assert (back.pk, back.status, back.withdrawal_reason) == (peace.pk, "published", "")
    assert [p.status for p in peace.publications.order_by("pk")] == [
        "published",
        "withdrawn",
        "published",
    ]


# open_draft and its publication


def test_a_draft_is_a_copy_under_no_public_slug(source, peace, users):
    draft = open_draft(peace, by=users[0])
    assert (draft.slug, draft.status, draft.supersedes_id) == ("peace~draft", "draft", peace.pk)
    ignored = {"slug"}
    copy, original = _state(draft), _state(peace)
    assert {k: copy[k] for k in copy.keys() - ignored} == {
        k: original[k] for k in original.keys() - ignored
    }
    assert list(draft.touched_by.all()) == [users[0]]
    assert open_draft(peace).pk == draft.pk
    assert open_draft(draft).pk == draft.pk
    assert Claim.objects.published().count() == 1
    assert Edition.objects.count() == 1


def test_a_long_slug_has_a_draft_too(source):
    for slug in ("a" * 100, "a" * 99 + "b", "b" * 95):
        claim = make_published("principle", source, "p1", "aim", slug=slug)
        draft = open_draft(claim)
        assert len(draft.slug) <= 100
        assert draft.slug.endswith("~draft")
        assert publish(draft).slug == slug


def test_publishing_a_draft_swaps_the_contents_in(source):
    guam = make_published("organization", source, "p1", "GUAM", slug="guam").specific()
    other = make_published("organization", source, "p1", "a member", slug="other").specific()
    claim = make_claim(
        "membership",
        "in-guam",
        title="In GUAM",
        organization=guam,
        degree="member",
        tags=["Old", "Both"],
        about=[guam],
    )
    cite(claim, source, "p1", "a member of GUAM")
    published = publish(claim)
    before = _state(published)

    draft = open_draft(published)
    draft.title, draft.sentence, draft.note = "New", "New sentence.", "New note."
    draft.degree, draft.organization = "active", other
    draft.save()
    draft.citations.all().delete()
    cite(draft, source, "p1", "It is a member", position=1)
    cite(draft, source, "p1", "GUAM", position=2, role="name")
    draft.tags.set(["Both", "New"])
    draft.about.set([other])
    assert _state(published) == before

    swapped = publish(draft)
    assert swapped.pk == published.pk
    state = _state(published)
    assert (state["slug"], state["title"]) == ("in-guam", "New")
    assert (state["sentence"], state["note"]) == ("New sentence.", "New note.")
    assert state["fields"] == {"organization": ["other"], "degree": "active"}
    assert state["tags"] == ["Both", "New"]
    assert state["about"] == ["other"]
    assert [c["exact"] for c in state["citations"]] == ["It is a member", "GUAM"]
    assert not Claim.objects.filter(pk=draft.pk).exists()
    assert not Claim.objects.filter(supersedes__isnull=False).exists()
    assert Membership.objects.count() == 1
    assert Citation.objects.filter(claim=published).count() == 2
    assert TaggedClaim.objects.filter(content_object=published).count() == 2
    records = published.publications.order_by("pk")
    assert [record.snapshot for record in records] == [
        {**before, "titles": {"guam": "Guam"}},
        {**state, "titles": {"other": "Other"}},
    ]


def test_a_draft_without_a_citation_does_not_replace_what_is_public(peace):
    before = exported()
    draft = open_draft(peace)
    draft.citations.all().delete()
    with pytest.raises(ValidationError, match="No citation"):
        publish(draft)
    assert exported() == before
    assert Claim.objects.filter(pk=draft.pk).exists()


def test_others_keep_pointing_at_what_was_replaced(source, peace):
    leader = make_published("leader", source, "p1", "Baku", slug="baku")
    quotation = make_claim("quotation", leader=leader.specific(), speaker_name="", about=[peace])
    cite(quotation, source, "p1", "Baku", role="speaker")
    publish(quotation)
    publish(open_draft(leader))
    publish(open_draft(peace))
    quotation = Quotation.objects.get()
    assert quotation.leader_id == leader.pk
    assert list(quotation.about.all()) == [peace]


# All or nothing


@pytest.mark.parametrize("fails", ["record", "_replace", "_clear_reasons"])
def test_a_publication_that_fails_changes_nothing(source, peace, monkeypatch, fails):
    draft = open_draft(peace)
    draft.title = "New"
    draft.save()
    fresh = make_claim()
    cite(fresh, source, "p1", "aim")
    before = exported(), Edition.objects.count(), Citation.objects.count(), _state(draft)

    def broken(*args):
        raise RuntimeError

    monkeypatch.setattr(publishing, fails, broken)
    with pytest.raises(RuntimeError):
        publish(draft)
    if fails != "_replace":
        with pytest.raises(RuntimeError):
            publish(fresh)
    if fails == "record":
        with pytest.raises(RuntimeError):
            withdraw(peace, "A mistake.")
    after = exported(), Edition.objects.count(), Citation.objects.count(), _state(draft)
    assert after == before
    assert Claim.objects.get(slug="peace").status == "published"


def test_several_claims_share_an_edition(source):
    edition = publishing.next_edition(Edition.Kind.PUBLICATION, note="Both.")
    for exact in ("aim", "Peace"):
        claim = make_claim()
        cite(claim, source, "p1", exact)
        publish(claim, edition=edition)
    assert Edition.objects.get().publications.count() == 2


def test_a_stale_copy_does_not_take_a_claim_back_from_the_public(source):
    stale = make_claim("principle", slug="stale")
    cite(stale, source, "p1", "Peace")
    publish(stale)
    assert stale.status == "draft"  # as somebody read it before
    with pytest.raises(ValidationError, match="is published and is not changed in place"):
        stale.save()
    assert Claim.objects.get(slug="stale").status == "published"


@pytest.mark.parametrize("status", ["draft", "review"])
def test_nobody_takes_a_claim_back_from_the_public_by_its_status(source, status):
    claim = make_published("principle", source, "p1", "Peace", slug="stale")
    with refused("not edited in place"):
        Claim.objects.filter(pk=claim.pk).update(status=status)


def test_a_heading_alone_carries_no_claim(db):
    text = make_source("ON PEACE\nPeace is the aim.", heading=[1])
    claim = make_claim("principle", slug="on-peace")
    cite(claim, text, "h1", "PEACE")
    with pytest.raises(ValidationError, match="rests on a heading alone"):
        publish(claim)
    cite(claim, text, "p1", "Peace")
    publish(claim)


def test_a_claim_says_something(source):
    claim = make_claim("principle", sentence="", slug="mute")
    cite(claim, source, "p1", "Peace")
    with pytest.raises(ValidationError, match="The sentence is missing"):
        publish(claim)
