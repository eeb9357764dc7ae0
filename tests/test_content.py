"""The shipped content: both texts read to the end, and nothing said that they do not say."""

import re
from collections import Counter

import pytest
from django.core.management import call_command

from kb.content.verifying import unread, verify
from kb.models import Citation, Claim, Note, Sentence, Source, Transcription
from organizations.models import Membership, Organization
from principles.models import Leader, Principle, Quotation, Statement

# One load for the module: its tests only read.


@pytest.fixture(scope="module")
def content(django_db_setup, django_db_blocker):
    from .attempts import undone

    with django_db_blocker.unblock(), undone():
        call_command("load_kb", verbosity=0)
        yield


@pytest.fixture(autouse=True)
def _loaded(content, django_db_blocker):
    with django_db_blocker.unblock():
        yield


def _texts():
    return {t.source.siglum: t.text() for t in Transcription.objects.current()}


def test_both_sources_are_there():
    sources = {source.slug: source for source in Source.objects.all()}
    assert list(sources) == ["foreign-policy", "after-gaining-independence"]
    assert [source.siglum for source in sources.values()] == ["A", "B"]
    assert [source.url for source in sources.values()] == [
        "https://azerbaijan.az/en/information/801",
        "https://azerbaijan.az/en/information/806",
    ]
    assert {source.rights for source in sources.values()} == {"not stated"}
    assert sources["after-gaining-independence"].title_supplied


def test_no_sentence_is_left_open():
    assert [str(sentence) for sentence in Sentence.objects.open()] == []
    assert list(unread()) == []
    assert Sentence.objects.count() == 29 + 14


def test_the_base_is_sound():
    assert [str(fault) for fault in verify()] == []


def test_what_is_set_aside_has_a_reason_in_words():
    for sentence in Sentence.objects.exclude(reason=""):
        assert len(sentence.reason) > 10, sentence


def test_every_kind_is_there():
    for model in (Principle, Leader, Quotation, Statement, Organization, Membership):
        assert model.objects.published().count() >= 2, model


def test_every_claim_is_published_and_says_something():
    assert not Claim.objects.exclude(status="published").exists()
    for claim in Claim.objects.all():
        assert claim.title == claim.title.strip() != ""
        assert re.search(r"[.”’)]$", claim.sentence), claim.slug
        assert re.search(r"\b([Ss]ources?|text)\b", claim.sentence), claim.slug  # Attributed.


def test_citations_are_narrow():
    """Seldom a whole sentence, never more than one paragraph holds of words."""
    wide = [
        citation
        for citation in Citation.objects.select_related("paragraph")
        for sentence in citation.paragraph.sentences.all()
        if citation.start <= sentence.start and sentence.end <= citation.end
    ]
    assert len(wide) <= Citation.objects.count() // 20
    for citation in Citation.objects.all():
        assert citation.exact == citation.exact.strip()


def test_what_stands_in_quotation_marks_in_our_sentences_is_the_sources():
    texts = "\n\n".join(_texts().values())
    for claim in Claim.objects.all():
        for quoted in re.findall(r"“([^”]*)”", claim.sentence):
            words = quoted.removesuffix(",").removesuffix(".")
            assert words in texts, f"{claim.slug}: “{quoted}”"


def test_words_quoted_in_a_sentence_are_those_of_the_sources_it_cites():
    for claim in Claim.objects.prefetch_related("citations__paragraph__transcription"):
        paragraphs = [citation.paragraph.text for citation in claim.citations.all()]
        for quoted in re.findall(r"“([^”]*)”", claim.sentence):
            words = quoted.removesuffix(",").removesuffix(".")
            assert any(words in text for text in paragraphs), f"{claim.slug}: “{quoted}”"


def test_a_source_that_a_sentence_names_is_cited_and_the_reverse():
    claims = Claim.objects.prefetch_related("citations__paragraph__transcription__source")
    for claim in claims:
        cited = {c.paragraph.transcription.source.siglum for c in claim.citations.all()}
        named = set(re.findall(r"[Ss]ources? ([AB])\b", claim.sentence))
        if re.search(
            r"(?i)both sources|neither source|each source|sources A and B", claim.sentence
        ):
            named = {"A", "B"}
        assert cited <= named, f"{claim.slug}: {claim.sentence}"
        if named - cited:
            assert re.search(r"\b(not|neither|nor|no)\b", claim.sentence), claim.slug


def test_no_words_of_a_quotation_are_lost():
    """Who speaks is cited; a direct quotation stands in quotation marks there."""
    for quotation in Quotation.objects.all():
        roles = [citation.role for citation in quotation.citations.all()]
        assert "speaker" in roles, quotation.slug
        assert "evidence" in roles, quotation.slug
        assert quotation.problems() == []
    assert set(Quotation.objects.values_list("mode", flat=True)) == {"direct", "reported"}
    assert Quotation.objects.filter(speaker_name="Baku").exists()


def test_what_is_in_quotation_marks_but_nobodys_speech_is_no_quotation():
    for quotation in Quotation.objects.all():
        for citation in quotation.citations.all():
            assert citation.exact != "political scene"


def test_leaders_and_organizations_rest_on_names():
    for model in (Leader, Organization):
        for claim in model.objects.all():
            assert {c.role for c in claim.citations.all()} <= {"name", "evidence"}
            assert any(c.role == "name" for c in claim.citations.all()), claim.slug


def test_a_membership_cites_the_predicate_and_the_name():
    for membership in Membership.objects.select_related("organization"):
        citations = list(membership.citations.all())
        names = {c.exact for c in membership.organization.citations.all()}
        assert citations
        if len(citations) == 1:
            assert any(name in citations[0].exact for name in names), membership.slug


def test_cooperation_is_no_membership():
    """The noun may be part of a name."""
    for membership in Membership.objects.exclude(degree="cooperation"):
        words = " ".join(citation.exact for citation in membership.citations.all())
        assert not re.search(r"(?i)\bcooperat(e|es|ed|ing)\b", words), membership.slug
    assert Membership.objects.filter(degree="cooperation").exists()


def test_what_a_source_merely_names_has_no_membership():
    named = Organization.objects.filter(memberships=None)
    assert (
        named.filter(citations__exact__contains="CSTO").exists()
        or named.filter(title__contains="CSTO").exists()
    )


def test_about_leads_to_leaders_organizations_and_principles():
    for claim in Claim.objects.prefetch_related("about"):
        for subject in claim.about.all():
            assert subject.kind in ("leader", "organization", "principle"), claim.slug
            assert subject.pk != claim.pk
    assert Claim.objects.exclude(about=None).exists()


def test_themes_are_few_and_meaningful():
    """A theme with one claim is none; three make one."""
    count = Counter(Claim.objects.published().values_list("tags__name", flat=True))
    count.pop(None, None)
    assert 5 <= len(count) <= 20
    assert {theme: n for theme, n in count.items() if n < 3} == {}


def test_identity_is_marked_as_our_reading_and_stays_out_of_the_claims():
    for organization in Organization.objects.exclude(reference=""):
        assert organization.identity, organization.slug


def test_nothing_is_repaired():
    texts = _texts()
    for kept in (
        "Treatment Organization",
        "ISSECO",
        "Nagorno - Karabakh",
        "it has become a state has a say",
    ):
        assert any(kept in text for text in texts.values()), kept


def test_where_a_reader_would_stumble_there_is_a_note():
    noted = " ".join(Note.objects.values_list("exact", flat=True))
    for words in ("Treatment", "ISSECO", "Karabakh", "etc", "attracting", "European Council"):
        assert words in noted, words


def test_we_attribute_and_never_assert():
    """Words of judgement or of the day stand in quotation marks, or not at all."""
    for claim in Claim.objects.all():
        ours = re.sub(r"“[^”]*”", "", f"{claim.title} {claim.sentence}")
        for word in ("today", "currently", "occupied", "aggressor", "obviously"):
            assert not re.search(rf"(?i)\b{word}", ours), f"{claim.slug}: {word}"


def test_figures_are_called_undated():
    for claim in Claim.objects.filter(sentence__regex=r"[0-9]{2,3} (states|countries|embass)"):
        assert re.search(r"undated|does not (date|say when)|no date", claim.sentence + claim.note)
