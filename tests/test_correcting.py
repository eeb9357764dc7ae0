"""A corrected source: what stays as it was is carried into drafts, the rest waits for an editor."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from reversion.models import Revision

from kb.content.verifying import verify
from kb.correcting import carry, confirm, undo
from kb.cutting import cut, read
from kb.deciding import LAST, drop, put, waiting
from kb.impact import Impact, impact, impact_of
from kb.models import Carry, Citation, Claim, Intake, Note, Sentence, Source, Transcription
from kb.publishing import open_draft, publish, withdraw
from kb.storing import store

from .attempts import exported
from .factories import cite, make_childless, make_claim, make_hidden, make_published, make_source

OTHER_TRANSLATION = Path(__file__).parent / "data" / "after-gaining-independence-2.txt"
OLD = "We want peace. Trade is free. They want it too."
NEW = "First of all. We want peace. Trade is fair. They want it too."


@pytest.fixture
def ada(db):
    return User.objects.create_user("ada")


@pytest.fixture
def policy(db):
    return make_source(OLD, "policy")


def verdicts(found: Impact) -> dict[str, str]:
    return {judged.row.exact: str(judged.fate.verdict) for judged in found.citations}


def words(claim: Claim) -> list[tuple[int, int, str]]:
    """Version, start and exact words of each citation."""
    return [
        (c.paragraph.transcription.version, c.start, c.exact) for c in claim.citations.with_places()
    ]


def faults() -> list[str]:
    return [str(fault) for fault in verify()]


# What a text does to the citations, before anything is stored.


def test_every_working_copy_is_judged_and_nothing_is_stored(policy):
    public = make_published("principle", policy, "p1", "peace")
    cite(make_claim(), policy, "p1", "free")
    make_hidden("principle", policy, "p1", "too")
    before = exported()
    found = impact(policy.source, cut(NEW))
    assert verdicts(found) == {"peace": "moved", "free": "changed", "too": "moved"}
    assert found.counts == {"unchanged": 0, "moved": 3, "ambiguous": 0, "changed": 1}
    assert exported() == before
    draft = open_draft(public)
    draft.citations.all().delete()
    cite(draft, policy, "p1", "We want")
    # The published claim's own words are its draft's affair by now.
    assert set(verdicts(impact(policy.source, cut(NEW)))) == {"We want", "free", "too"}


def test_what_was_withdrawn_is_left_alone(policy):
    withdraw(make_published("principle", policy, "p1", "peace"), "It says more than the words.")
    assert impact(policy.source, cut(NEW)).citations == []
    assert not confirm(policy.source, cut(NEW)).moved["claims"]
    assert not Claim.objects.filter(supersedes__isnull=False)


def test_a_first_text_has_no_impact(db):
    source = Source.objects.create(slug="new", siglum="N", title="New")
    assert impact(source, cut("Hello there.")).citations == []


def test_notes_and_reasons_are_judged_as_well(policy):
    Note.objects.create(
        paragraph=policy.paragraphs.get(), start=3, end=7, exact="want", text="Who?"
    )
    Sentence.objects.filter(number__gte=2).update(reason="Says nothing of the policy.")
    found = impact(policy.source, cut(NEW))
    assert [str(judged.fate.verdict) for judged in found.notes] == ["moved"]
    assert [str(judged.fate.verdict) for judged in found.reasons] == ["changed", "moved"]
    assert [judged.row.text for judged in found.left] == ["Trade is free."]


# Confirmed.


def test_what_stays_is_carried_into_a_draft_for_review(policy, ada):
    claim = make_published("principle", policy, "p1", "peace")
    made = confirm(policy.source, cut(NEW), by=ada)
    assert (made.transcription.version, made.by) == (2, ada)
    claim.refresh_from_db()
    assert (claim.status, words(claim)) == ("published", [(1, 8, "peace")])
    draft = claim.successor
    assert (draft.status, words(draft)) == ("review", [(2, 22, "peace")])
    assert list(draft.touched_by.all()) == [ada]
    assert [step.status for step in draft.steps.all()] == ["review", "draft"]
    publish(draft)
    assert words(Claim.objects.get(pk=claim.pk)) == [(2, 22, "peace")]
    assert not waiting()
    assert faults() == []


def test_carrying_is_one_revision_and_so_is_each_decision(policy, ada):
    for exact in ("peace", "too", "free"):
        make_published("principle", policy, "p1", exact)
    before = Revision.objects.count()
    made = confirm(policy.source, cut(NEW), by=ada)
    (citation,) = waiting()
    put(citation, made.transcription.paragraphs.get(), "fair", None, by=ada)
    done = [*Revision.objects.order_by("pk")[before:]]
    assert [revision.user for revision in done] == [ada, ada]
    assert [revision.comment for revision in done] == [
        "Carried to the next transcription",
        "Cites other words",
    ]
    assert [revision.revised.count() for revision in done] == [2, 1]


def test_a_draft_that_was_there_is_carried_in_and_stays_a_draft(policy, ada):
    draft = make_claim("principle")
    cite(draft, policy, "p1", "peace")
    confirm(policy.source, cut(NEW), by=ada)
    draft.refresh_from_db()
    assert (draft.status, words(draft)) == ("draft", [(2, 22, "peace")])
    assert list(draft.touched_by.all()) == [ada]


def test_what_does_not_stay_is_left_where_it_was(policy, ada):
    claim = make_published("principle", policy, "p1", "free")
    confirm(policy.source, cut(NEW), by=ada)
    assert not Claim.objects.filter(supersedes=claim)
    assert [citation.exact for citation in waiting()] == ["free"]


def test_a_claim_of_both_is_carried_in_part(policy, ada):
    claim = make_claim("principle")
    cite(claim, policy, "p1", "free", position=1)
    cite(claim, policy, "p1", "too", position=2, note="Of whom?")
    publish(claim)
    confirm(policy.source, cut(NEW), by=ada)
    draft = Claim.objects.get(supersedes=claim)
    assert words(draft) == [(1, 24, "free"), (2, 57, "too")]
    assert [c.note for c in draft.citations.with_places()] == ["", "Of whom?"]
    assert [citation.claim_id for citation in waiting()] == [draft.pk]


def test_reasons_and_notes_are_copied_where_their_words_stay(policy):
    Note.objects.create(
        paragraph=policy.paragraphs.get(), start=3, end=7, exact="want", text="Who?"
    )
    Sentence.objects.filter(number__gte=2).update(reason="Says nothing of the policy.")
    made = confirm(policy.source, cut(NEW))
    (note,) = Note.objects.filter(paragraph__transcription=made.transcription)
    assert (note.start, note.exact, note.text) == (17, "want", "Who?")
    anew = Sentence.objects.filter(paragraph__transcription=made.transcription)
    assert [s.text for s in anew.exclude(reason="")] == ["They want it too."]


def test_words_set_aside_are_carried_as_notes_are_and_undone(policy):
    paragraph = policy.paragraphs.get()
    for words in ("want", "free"):
        Note.objects.create(
            paragraph=paragraph,
            start=paragraph.text.index(words),
            end=paragraph.text.index(words) + 4,
            exact=words,
            text="It says nothing.",
            sets_aside=True,
        )
    made = confirm(policy.source, cut(NEW))
    anew = Note.objects.filter(paragraph__transcription=made.transcription)
    assert [(n.exact, n.text, n.sets_aside) for n in anew] == [("want", "It says nothing.", True)]
    undo(made)
    assert not anew.all()
    second = store(policy.source, cut(NEW))
    make_published("principle", second, "p1", "want peace")
    assert carry(second).moved["notes"] == [], "a claim rests on the words by now"


def test_confirming_is_all_or_nothing(policy, monkeypatch):
    make_published("principle", policy, "p1", "peace")
    before = exported()
    monkeypatch.setattr("kb.correcting.submit", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        confirm(policy.source, cut(NEW))
    assert exported() == before
    assert not Claim.objects.filter(supersedes__isnull=False)


def test_the_same_text_again_is_refused(policy):
    with pytest.raises(ValidationError, match="this very text"):
        confirm(policy.source, cut(OLD))


def test_a_stored_transcription_is_carried_to_once(policy):
    make_published("principle", policy, "p1", "peace")
    second = store(policy.source, cut(NEW))
    assert [citation.exact for citation in waiting()] == ["peace"]
    assert verdicts(impact_of(second)) == {"peace": "moved"}
    carry(second)
    assert not waiting()
    with pytest.raises(ValidationError, match="already"):
        carry(second)
    store(policy.source, cut(OLD))
    with pytest.raises(ValidationError, match="not the current one"):
        carry(second)


def test_words_that_a_draft_cites_there_already_are_not_carried_twice(policy):
    claim = make_published("principle", policy, "p1", "peace")
    second = store(policy.source, cut(NEW))
    draft = open_draft(claim)
    cite(draft, second, "p1", "peace")
    assert carry(second).moved["claims"] == []
    assert sorted(words(draft)) == [(1, 8, "peace"), (2, 22, "peace")]


def test_what_waited_on_an_older_transcription_is_carried_when_its_words_are_back(policy):
    claim = make_published("principle", policy, "p1", "free")
    confirm(policy.source, cut(NEW))
    confirm(policy.source, cut(f"{NEW} Trade is free."))
    assert words(Claim.objects.get(supersedes=claim)) == [(3, 71, "free")]


# Undone.


def everything() -> tuple:
    rows = [
        list(model.objects.order_by("pk").values())
        for model in (Claim, Citation, Note, Sentence, Transcription, Carry)
    ]
    return exported(), rows


def prepared(policy) -> tuple[Claim, Claim]:
    """A published claim and a draft, each with words that stay and words that don't."""
    claims = make_claim("principle"), make_claim("principle")
    for claim in claims:
        cite(claim, policy, "p1", "peace")
        cite(claim, policy, "p1", "free")
    Note.objects.create(
        paragraph=policy.paragraphs.get(), start=3, end=7, exact="want", text="Who?"
    )
    Sentence.objects.filter(number=3).update(reason="Says nothing of the policy.")
    return publish(claims[0]), claims[1]


def test_undoing_it_puts_everything_back(policy, ada):
    prepared(policy)
    before = everything()
    made = confirm(policy.source, cut(NEW), by=ada)
    assert everything() != before
    assert undo(made, by=ada)
    assert everything() == before
    (intake,) = Intake.objects.all()
    assert (intake.text, intake.source, intake.by) == (NEW, policy.source, ada)


def test_undoing_leaves_a_transcription_that_it_did_not_store(policy):
    prepared(policy)
    second = store(policy.source, cut(NEW))
    before = everything()
    assert not undo(carry(second))
    assert everything() == before


def test_undoing_reads_no_state_of_any_format(policy, ada):
    made = confirm(policy.source, cut(NEW), by=ada)
    elsewhere = make_source("All is well.")
    make_childless(elsewhere, "p1", "well")
    assert undo(made, by=ada)
    assert policy.source.transcriptions.count() == 1


def test_undoing_leaves_a_transcription_that_the_public_read(policy, ada):
    claim = make_published("principle", policy, "p1", "peace")
    made = confirm(policy.source, cut(NEW), by=ada)
    publish(claim.successor)
    withdraw(claim, "Wrong.")
    draft = open_draft(claim)
    draft.citations.all().delete()
    cite(draft, policy, "p1", "free")
    publish(draft)
    assert not undo(made, by=ada)
    assert policy.source.transcriptions.count() == 2


def test_undoing_leaves_a_transcription_on_which_something_rests(policy):
    published, _ = prepared(policy)
    made = confirm(policy.source, cut(NEW))
    cite(make_claim("principle"), made.transcription, "p1", "fair")
    assert not undo(made)
    assert [t.version for t in Transcription.objects.all()] == [1, 2]
    assert not Carry.objects.exists()
    assert not Claim.objects.filter(supersedes=published)


@pytest.mark.parametrize("edit", ["published", "edited", "moved", "note", "reason", "newer"])
def test_what_was_changed_meanwhile_is_named_and_nothing_is_undone(policy, edit):
    published, draft = prepared(policy)
    made = confirm(policy.source, cut(NEW))
    there = {"paragraph__transcription": made.transcription}
    if edit == "published":
        publish(published.successor)
        says = f"“{published}” was published meanwhile"
    elif edit == "edited":
        Claim.objects.filter(supersedes=published).update(title="Better said")
        says = "“Better said” was edited meanwhile"
    elif edit == "moved":
        draft.citations.filter(**there).delete()
        says = f"“{draft}” was edited meanwhile"
    elif edit == "note":
        Note.objects.filter(**there).update(text="Who are we?")
        says = "A note in ¶ 1 was edited meanwhile"
    elif edit == "reason":
        Sentence.objects.filter(**there).exclude(reason="").update(reason="Otherwise.")
        says = "A reason of a sentence in ¶ 1 was edited meanwhile"
    else:
        store(policy.source, cut("Something else."))
        says = "A newer transcription came in meanwhile"
    before = everything()
    with pytest.raises(ValidationError) as refused:
        undo(made)
    assert refused.value.messages[0] == "Nothing was undone."
    assert says in refused.value.messages[1]
    assert len(refused.value.messages) == 2
    assert everything() == before


def test_a_draft_that_was_discarded_meanwhile_stands_in_no_way(policy):
    published, draft = prepared(policy)
    made = confirm(policy.source, cut(NEW))
    published.successor.delete()
    Claim.objects.get(pk=draft.pk).delete()
    assert undo(made)
    assert words(published) == [(1, 8, "peace"), (1, 24, "free")]


# Decided.


@pytest.fixture
def left(policy):
    """A published claim with a citation that waits; and another, which was carried."""
    claim = make_claim("principle")
    cite(claim, policy, "p1", "free")
    cite(claim, policy, "p1", "peace")
    publish(claim)
    confirm(policy.source, cut(NEW))
    return claim


def current() -> Transcription:
    return Transcription.objects.current().get()


def test_other_words_are_cited_in_the_draft(left, ada):
    (citation,) = waiting()
    draft = put(citation, current().paragraphs.get(), "Trade is fair", None, by=ada)
    assert draft.supersedes_id == left.pk
    assert words(draft) == [(2, 29, "Trade is fair"), (2, 22, "peace")]
    assert ada in draft.touched_by.all()
    assert not waiting()
    assert words(left) == [(1, 24, "free"), (1, 8, "peace")]


def test_a_decision_opens_the_draft_of_a_published_claim(policy, ada):
    claim = make_published("principle", policy, "p1", "free")
    confirm(policy.source, cut(NEW))
    draft = put(waiting().get(), current().paragraphs.get(), "fair", None, by=ada)
    assert (draft.slug, draft.status) == (f"{claim.slug}~draft", "draft")


def test_words_that_are_not_there_change_nothing_and_open_no_draft(policy, ada):
    make_published("principle", policy, "p1", "free")
    confirm(policy.source, cut(NEW))
    before = everything()
    with pytest.raises(ValidationError, match="does not have these words"):
        put(waiting().get(), current().paragraphs.get(), "free", None, by=ada)
    with pytest.raises(ValidationError, match="These words stand at"):
        put(waiting().get(), current().paragraphs.get(), "want", None, by=ada)
    assert everything() == before


def test_words_that_the_claim_cites_already_are_refused(left, ada):
    with pytest.raises(ValidationError, match="cites these words already"):
        put(waiting().get(), current().paragraphs.get(), "peace", None, by=ada)


def test_a_citation_is_dropped_from_the_draft_but_not_the_last(left, ada):
    draft = drop(waiting().get(), by=ada)
    assert words(draft) == [(2, 22, "peace")]
    assert words(left) == [(1, 24, "free"), (1, 8, "peace")]
    only = make_claim("principle")
    cite(only, Transcription.objects.get(version=1), "p1", "free")
    with pytest.raises(ValidationError, match="only citation") as refused:
        drop(waiting().get(), by=ada)
    assert refused.value.code == LAST
    assert words(only) == [(1, 24, "free")]


def test_what_was_decided_meanwhile_is_not_decided_again(left, ada):
    (citation,) = waiting()
    drop(citation, by=ada)
    with pytest.raises(ValidationError, match="no longer waits"):
        drop(citation, by=ada)
    with pytest.raises(ValidationError, match="no longer waits"):
        put(citation, current().paragraphs.get(), "fair", None, by=ada)


# A realistic case: another translation of a shipped source.


@pytest.fixture
def translated(shipped):
    source = Source.objects.get(slug="after-gaining-independence")
    return source, cut(read(OTHER_TRANSLATION.read_bytes()))


def proposals(found: Impact) -> dict[str, str | None]:
    return {
        judged.row.exact: judged.there and judged.carrying.new.words(judged.there)
        for judged in found.waiting
    }


def test_the_report_on_another_translation(translated):
    before = exported()
    found = impact(*translated)
    assert found.counts == {"unchanged": 3, "moved": 23, "ambiguous": 2, "changed": 45}
    proposed = proposals(found)
    assert proposed["not interference in internal affairs"] == (
        "not interfering in their internal affairs"
    )
    assert proposed["protects and realizes its national interests"] == (
        "protects and realizes its national interests"
    )
    assert proposed["serving the protection of national interests"] == (
        "policy, which serves the protection of national interests"
    )
    assert proposed["Azerbaijan, which has chosen the path of democratic development"] is None
    assert exported() == before


def test_what_is_carried_to_another_translation_reads_the_same_and_can_be_undone(translated, ada):
    source, text = translated
    before = exported()
    carried = {judged.row.pk: judged for judged in impact(source, text).carried}
    made = confirm(source, text, by=ada)
    drafts = Citation.objects.filter(
        claim__supersedes__isnull=False,
        paragraph__transcription__source=source,
        paragraph__transcription__version=2,
    )
    assert drafts.count() == len(carried) == 26
    for old in Citation.objects.filter(pk__in=carried).select_related("paragraph"):
        (new,) = drafts.filter(claim__supersedes=old.claim, exact=old.exact, position=old.position)
        (stood,), (stands,) = sentence_of(old), sentence_of(new)
        assert stood.text == stands.text
        assert old.start - stood.start == new.start - stands.start
    assert {claim.status for claim in Claim.objects.filter(citations__in=drafts)} == {"review"}
    assert waiting().count() == 47
    assert faults() == []
    assert undo(made, by=ada)
    assert exported() == before
    assert not Claim.objects.filter(supersedes__isnull=False)
    assert faults() == []


def test_the_public_pages_answer_and_say_which_text_they_show(translated, client):
    source, text = translated
    claims = list(Claim.objects.filter(citations__paragraph__transcription__source=source))
    confirm(source, text)
    room = client.get("/sources/after-gaining-independence/").content.decode()
    still = len(set(claims))
    assert f"{still} claims still rest on" in room
    assert "the regional group GUAM" in room
    old = client.get("/sources/after-gaining-independence/v1/").content.decode()
    assert "The current one is version 2" in old
    for claim in claims[::9]:
        page = client.get(claim.permanent_url, follow=True).content.decode()
        assert "from version 1 of the transcription" in page
    for draft in Claim.objects.filter(supersedes__isnull=False):
        publish(draft)
    room = client.get("/sources/after-gaining-independence/").content.decode()
    left = set(waiting().values_list("claim", flat=True))
    assert 0 < len(left) < still
    assert f"{len(left)} claims still rest on" in room
    assert faults() == []


def sentence_of(citation: Citation):
    return citation.paragraph.sentences.filter(start__lt=citation.end, end__gt=citation.start)
