"""Natural keys, names, addresses and the querysets that everything starts from."""

import pytest
from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, connection, transaction
from taggit.models import Tag

from kb.cutting import cut
from kb.locating import nearest, occurrences
from kb.models import (
    Carry,
    Citation,
    Claim,
    ContentVersion,
    Edition,
    Entry,
    Intake,
    Note,
    Paragraph,
    Proof,
    Publication,
    PublishedWords,
    Revised,
    Sentence,
    Source,
    Step,
    TaggedClaim,
    TextSpan,
    Transcription,
    Word,
)
from kb.publishing import open_draft, publish, withdraw
from kb.storing import store
from organizations.models import Membership, Organization
from principles.models import Leader, Principle, Quotation, Statement

from .factories import cite, make_claim, make_published, make_source

TEXT = "POLICY\nPeace is the aim. Not war.\nA second paragraph, said Baku."


@pytest.fixture
def source(db):
    return make_source(TEXT, slug="policy", title="Policy", heading=[1])


@pytest.fixture
def base(source):
    """A row of every model that has a natural key."""
    paragraph = source.paragraphs.get(kind="body", number=1)
    Note.objects.create(paragraph=paragraph, start=0, end=5, exact="Peace", text="Ours.")
    leader = make_published("leader", source, "p2", "Baku", slug="baku").specific()
    quotation = make_claim("quotation", "words", leader=leader, speaker_name="")
    cite(quotation, source, "p2", "Baku", role="speaker")
    publish(quotation)
    body = make_published("organization", source, "p2", "second", slug="body").specific()
    membership = make_claim("membership", "in-body", organization=body)
    cite(membership, source, "p2", "paragraph")
    publish(membership)
    make_published("statement", source, "p1", "aim", slug="aim", tags=["Aims"])
    make_published("principle", source, "p1", "Peace", slug="peace")


KEYS = {
    Source: ("policy",),
    Transcription: ("policy", 1),
    Paragraph: ("policy", 1, "h1"),
    Sentence: ("policy", 1, "p1.s1"),
    Note: ("policy", 1, "p1", 0, 5),
    Claim: ("aim",),
    Principle: ("peace",),
    Leader: ("baku",),
    Quotation: ("words",),
    Statement: ("aim",),
    Organization: ("body",),
    Membership: ("in-body",),
    Citation: ("aim", "policy", 1, "p1", 13, 16),
    TaggedClaim: ("aim", "Aims"),
    Tag: ("Aims",),
    Edition: (1,),
    Publication: (1, "baku"),
}


def test_every_model_of_ours_has_a_natural_key():
    ours = {
        model
        for label in ("kb", "principles", "organizations")
        for model in apps.get_app_config(label).get_models()
    }
    # A counter, what follows from content, and what editors do on the way: in no fixture.
    derived = {ContentVersion, PublishedWords, Entry, Word}
    assert ours - KEYS.keys() == derived | {Step, Revised, Intake, Carry, Proof}


@pytest.mark.parametrize("model", KEYS, ids=lambda model: model.__name__)
def test_a_natural_key_leads_to_its_row(base, model):
    row = model.objects.get_by_natural_key(*KEYS[model])
    assert tuple(row.natural_key()) == KEYS[model]
    for row in model.objects.all():
        assert model.objects.get_by_natural_key(*row.natural_key()) == row


@pytest.mark.parametrize("model", KEYS, ids=lambda model: model.__name__)
def test_a_wrong_natural_key_leads_to_no_row(base, model):
    for wrong in (
        "nothing",
        "p0",
        "p1.s",
        "p1.sx",
        "p1.s１",
        "p1.s0",
        "p1.s" + "9" * 30,
        "x",
        "\0",
    ):
        key = list(KEYS[model])
        position = 2 if len(key) == 3 and model is not Publication else 0
        if isinstance(key[position], int):
            continue
        key[position] = wrong
        if wrong == "\0" and connection.vendor == "postgresql" and position == 0:
            continue  # PostgreSQL's driver refuses it with a ValueError.
        with pytest.raises(ObjectDoesNotExist):
            model.objects.get_by_natural_key(*key)


def test_a_slug_of_another_kind_leads_to_no_row(base):
    with pytest.raises(Principle.DoesNotExist):
        Principle.objects.get_by_natural_key("aim")


@pytest.mark.parametrize(
    ("ref", "expected"),
    [("p1", ("body", 1)), ("h12", ("heading", 12)), ("p999999999", ("body", 999999999))],
)
def test_a_paragraphs_anchor_is_read(ref, expected):
    assert Paragraph.parse_ref(ref) == expected


@pytest.mark.parametrize(
    "ref", ["", "p", "p0", "p01", "q1", "p1.s1", "p１", "P1", " p1", "p1\n", None, 1]
)
def test_what_is_no_anchor_is_refused(ref):
    with pytest.raises(ObjectDoesNotExist, match="is no paragraph: write p1, p2"):
        Paragraph.parse_ref(ref)


# Names and addresses


def test_addresses(base):
    addresses = {
        Source.objects.get(): "/sources/policy/",
        Transcription.objects.get(): "/sources/policy/v1/",
        Paragraph.objects.get(kind="heading"): "/sources/policy/v1/#h1",
        Citation.objects.get(claim__slug="aim"): "/sources/policy/v1/#p1.13-16",
        Note.objects.get(): "/sources/policy/v1/#p1.0-5",
        Claim.objects.get(slug="peace"): "/principles/peace/",
        Leader.objects.get(): "/leaders/baku/",
        Claim.objects.get(slug="words"): "/quotations/words/",
        Statement.objects.get(): "/statements/aim/",
        Claim.objects.get(slug="body"): "/organizations/body/",
        Claim.objects.get(slug="in-body"): "/claims/in-body/",
    }
    for row, address in addresses.items():
        assert row.get_absolute_url() == address


def test_names_for_people(base):
    assert str(Source.objects.get()) == "A · Policy"
    assert str(Transcription.objects.get()) == "A, version 1"
    assert [str(p) for p in Paragraph.objects.all()][:2] == [
        "A ¶ heading 1: POLICY",
        "A ¶ 1: Peace is the aim. Not war.",
    ]
    assert str(Sentence.objects.first()) == "A p1.s1"
    assert str(Citation.objects.get(claim__slug="aim")) == "p1.13-16: aim"
    assert str(Edition.objects.get(number=1)) == "Edition 1"
    assert str(Publication.objects.get(claim__slug="baku")) == "Baku in Edition 1"
    for model in KEYS:
        assert str(model.objects.first())


def test_every_kind_is_a_child_that_the_core_does_not_name(base):
    assert Claim.kinds() == {
        "principle": Principle,
        "leader": Leader,
        "quotation": Quotation,
        "statement": Statement,
        "organization": Organization,
        "membership": Membership,
    }
    for claim in Claim.objects.all():
        assert type(claim.specific()) is Claim.kinds()[claim.kind]
        assert claim.specific().specific().pk == claim.pk


def test_the_kind_is_set_by_the_child(db):
    assert make_claim("leader", slug="x").kind == "leader"
    with pytest.raises(IntegrityError), transaction.atomic():
        Claim.objects.create(slug="y", title="Y", sentence="Y.")


def test_a_claim_without_its_child_says_so(db):
    claim = Claim.objects.create(kind="leader", slug="y", title="Y", sentence="Y.")
    with pytest.raises(ObjectDoesNotExist):
        claim.specific()


def test_a_childs_themes_are_its_claims(base):
    assert [tag.name for tag in Claim.objects.get(slug="aim").tags.all()] == ["Aims"]
    assert [tag.name for tag in Statement.objects.get(slug="aim").tags.all()] == ["Aims"]
    assert [c.slug for c in Claim.objects.filter(tags__name="Aims")] == ["aim"]


def test_themes_are_told_apart_whatever_their_case(db):
    first, second = make_claim(tags=["Peace"]), make_claim(tags=["peace"])
    assert Tag.objects.count() == 1
    assert list(first.tags.all()) == list(second.tags.all())


# Querysets


def test_the_current_transcription_is_the_newest_of_each_source(source):
    other = make_source("Other text.", siglum="AA")
    third = make_source("Third text.", siglum="C")
    newest = store(source.source, cut(TEXT))
    assert list(Transcription.objects.current()) == [newest, third, other]  # A, C, AA


def test_counts_are_of_sentences_not_of_joins(source):
    other = make_source("Third source. It is half-read.")
    for exact in ("Peace", "aim", "is the"):
        make_published("statement", source, "p1", exact)
    make_published("statement", source, "p1", "aim. Not")
    make_published("statement", other, "p1", "half-read")
    counts = Transcription.objects.current().with_counts()
    assert [(t.sentence_count, t.open_count) for t in counts] == [(3, 1), (2, 1)]


def test_open_sentences_are_those_of_which_nothing_is_known(source):
    draft = make_claim()
    cite(draft, source, "p2", "Baku")
    gone = make_published("statement", source, "p1", "war")
    withdraw(gone, "A mistake.")
    public = make_published("statement", source, "p1", "Peace")
    cite(open_draft(public), source, "p1", "Not")
    assert [s.ref for s in Sentence.objects.open()] == ["p1.s2", "p2.s1"]


def test_a_list_of_claims_costs_the_same_however_long(source, django_assert_num_queries):
    for number in range(3):
        make_published("statement", source, "p1", "aim", tags=[f"Theme {number}"])
        with django_assert_num_queries(3):  # claims, citations with their places, themes
            for claim in Claim.objects.published().for_list():
                [str(citation.paragraph) for citation in claim.citations.all()]
                [str(tag) for tag in claim.tags.all()]


# Spans


def test_every_place_is_found_overlapping_ones_too():
    assert occurrences("aa", "aaaa") == [0, 1, 2]
    assert occurrences("x", "aaaa") == []
    assert occurrences("", "aaaa") == []


def test_the_nearest_words_are_found():
    text = "The correct determination of foreign policy priorities."
    assert nearest("determination of foriegn policy", text) == "determination of foreign policy"
    assert nearest("of something else altogether", text) == ""
    assert nearest("", text) == ""
    assert nearest("“Peace and order”", 'It says: "Peace or order".') == '"Peace or order".'
    assert nearest("Peace and order", 'It says: "Peace or order".') == "Peace or order"


def test_words_and_notes_are_spans():
    assert set(TextSpan.__subclasses__()) == {Citation, Note}


def test_the_same_words_are_not_cited_or_noted_twice(base):
    citation = Citation.objects.get(claim__slug="aim")
    again = Citation(claim=citation.claim, paragraph=citation.paragraph, exact="aim")
    with pytest.raises(ValidationError, match="cites these words already"):
        again.full_clean()
    note = Note.objects.get()
    again = Note(paragraph=note.paragraph, exact="Peace", text="Again.")
    with pytest.raises(ValidationError, match="There is a note on these words"):
        again.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        Note.objects.create(paragraph=note.paragraph, start=0, end=5, exact="Peace", text="x")


@pytest.mark.parametrize("typed", ["a broken line", "a broken\r\nline", " a  broken line\n"])
def test_words_copied_from_a_page_are_found_across_white_space(db, typed):
    text = make_source("It has a broken\nline of\xa0words.", join=[1])
    citation = cite(make_claim(), text, "p1", typed)
    assert (citation.exact, citation.start, citation.end) == ("a broken\nline", 7, 20)
