"""Who may do what: every act, tried by everybody, judged by what became of it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from taggit.models import Tag

from kb.cutting import cut
from kb.models import (
    Carry,
    Claim,
    Edition,
    Intake,
    Note,
    Paragraph,
    Proof,
    Publication,
    Sentence,
    Source,
)
from kb.publishing import submit
from kb.storing import store
from principles.models import Principle

from .admin_forms import address, citation, form, form_of, member, superuser
from .attempts import undone
from .factories import cite, make_claim, make_published, make_source

pytestmark = pytest.mark.django_db

ROLES = ("anonymous", "staff", "editor", "reviewer", "superuser")
GROUPS = {"editor": ["Editors"], "reviewer": ["Reviewers"]}
EDITORS = {"editor", "reviewer", "superuser"}
REVIEWERS = {"reviewer", "superuser"}
NOBODY: set[str] = set()

TEXT = "Peace is our aim. Order is the way.\nThe country is a member of the Body."


def signed_in(role: str) -> Client:
    if role == "superuser":
        return superuser("root")
    if role == "anonymous":
        return Client()
    return member(role, *GROUPS.get(role, ()))


@dataclass
class Base:
    """A draft, one in review and a public claim, each with words; and their text."""

    paragraph: Paragraph
    source: Source
    draft: Claim
    sent: Claim
    public: Claim
    theme: Tag


@pytest.fixture
def base(db) -> Base:
    text = make_source(TEXT, "a-text", title="A text")
    draft = make_claim("principle", "draft", title="A draft", sentence="Drafted", tags=["Free"])
    cite(draft, text, "p1", "our aim")
    sent = make_claim("principle", "sent", title="In review")
    cite(sent, text, "p1", "the way")
    public = make_published("principle", text, "p2", "member", "public", title="Public").specific()
    return Base(
        paragraph=text.paragraphs.get(number=1),
        source=text.source,
        draft=draft,
        sent=submit(sent).specific(),
        public=public,
        theme=Tag.objects.get(name="Free"),
    )


def status(claim: Claim) -> str:
    found = Claim.objects.filter(pk=claim.pk).first()
    return found.status if found else "gone"


def shows(word: str) -> Callable:
    return lambda base, response: response.status_code == 200 and word in response.content.decode()


def post(page: Callable, data: Callable) -> Callable:
    """Sends what ``data`` makes of the base to the address that ``page`` makes of it."""
    return lambda client, base: client.post(page(base), data(base))


def get(page: Callable) -> Callable:
    return lambda client, base: client.get(page(base))


def saving(name: str, button: str = "_save", **fields) -> Callable:
    """Sends the form of the base's claim of that name."""
    return post(
        lambda base: address(getattr(base, name)),
        lambda base: {**form_of(getattr(base, name), **fields), button: "x"},
    )


def reviewing(act: str) -> Callable:
    chosen = {"act": act, "step_note": "Why", "edition_note": "What"}
    return post(
        lambda base: reverse("admin:kb_review"), lambda base: {**chosen, "chosen": [base.sent.pk]}
    )


def adding(button: str) -> Callable:
    return post(
        lambda base: address(Principle, "add"),
        lambda base: {**form([citation(base.paragraph, "our aim")], slug="new"), button: "x"},
    )


NOTE = {"exact": "Order", "start": "", "text": "As we read it."}
BROUGHT = {
    "text": "A new text.",
    "title": "New",
    "slug": "new",
    "siglum": "",
    "language": "en",
    "rights": "not stated",
    "publisher": "",
    "url": "",
    "note": "",
}
SOURCE = {"title": "Anew", "siglum": "A", "language": "en", "rights": "not stated"}

ACTS: dict[str, tuple[set[str], Callable, Callable]] = {
    # name: (who may, what is sent, whether it came about)
    "see the desk": (
        EDITORS,
        get(lambda base: reverse("admin:index")),
        shows("Waiting for review"),
    ),
    "see a list": (EDITORS, get(lambda base: address(Principle, "changelist")), shows("A draft")),
    "see a draft": (EDITORS, get(lambda base: address(base.draft)), shows("A draft")),
    "preview a draft": (
        EDITORS,
        get(lambda base: reverse("admin:kb_preview", args=[base.draft.pk])),
        shows("<h1>A draft</h1>"),
    ),
    "see what waits for review": (
        EDITORS,
        get(lambda base: reverse("admin:kb_review")),
        shows("In review"),
    ),
    "add": (
        EDITORS,
        adding("_save"),
        lambda base, _: Claim.objects.filter(slug="new", status="draft").exists(),
    ),
    "save": (
        EDITORS,
        saving("draft", title="Changed"),
        lambda base, _: Claim.objects.get(pk=base.draft.pk).title == "Changed",
    ),
    "take a citation out": (
        EDITORS,
        saving("draft", **{"citations-0-DELETE": "on"}),
        lambda base, _: not base.draft.citations.exists(),
    ),
    "send to review": (
        EDITORS,
        saving("draft", "_review"),
        lambda base, _: status(base.draft) == "review",
    ),
    "send back": (
        EDITORS,
        saving("sent", "_draft"),
        lambda base, _: status(base.sent) == "draft",
    ),
    "send back from the list": (
        EDITORS,
        reviewing("send_back"),
        lambda base, _: status(base.sent) == "draft",
    ),
    "publish": (
        REVIEWERS,
        saving("sent", "_publish"),
        lambda base, _: status(base.sent) == "published",
    ),
    "publish a draft that nobody reviewed": (
        REVIEWERS,
        saving("draft", "_publish"),
        lambda base, _: status(base.draft) == "published",
    ),
    "publish what one changes in the same breath": (
        NOBODY,
        saving("sent", "_publish", title="Changed"),
        lambda base, _: status(base.sent) == "published",
    ),
    "publish what one adds in the same breath": (
        NOBODY,
        adding("_publish"),
        lambda base, _: Claim.objects.filter(slug="new", status="published").exists(),
    ),
    "publish from the list": (
        REVIEWERS,
        reviewing("publish"),
        lambda base, _: status(base.sent) == "published",
    ),
    "withdraw": (
        REVIEWERS,
        post(lambda base: address(base.public, "withdraw"), lambda base: {"reason": "It errs."}),
        lambda base, _: status(base.public) == "withdrawn",
    ),
    "open a draft": (
        EDITORS,
        post(lambda base: address(base.public, "open_draft"), lambda base: {}),
        lambda base, _: Claim.objects.filter(supersedes=base.public).exists(),
    ),
    "save a public claim in place": (
        NOBODY,
        saving("public", title="Changed"),
        lambda base, _: Claim.objects.get(pk=base.public.pk).title != "Public",
    ),
    "delete a draft": (
        EDITORS,
        post(lambda base: address(base.draft, "delete"), lambda base: {"post": "yes"}),
        lambda base, _: status(base.draft) == "gone",
    ),
    "delete drafts from the list": (
        EDITORS,
        post(
            lambda base: address(Principle, "changelist"),
            lambda base: {
                "action": "delete_selected",
                "_selected_action": [base.draft.pk, base.public.pk],
                "post": "yes",
            },
        ),
        lambda base, _: status(base.draft) == "gone",
    ),
    "delete what was published": (
        NOBODY,
        post(lambda base: address(base.public, "delete"), lambda base: {"post": "yes"}),
        lambda base, _: status(base.public) == "gone",
    ),
    "delete from the public history": (
        NOBODY,
        post(
            lambda base: address(base.public.publications.get(), "delete"),
            lambda base: {"post": "yes"},
        ),
        lambda base, _: not Publication.objects.exists(),
    ),
    "set a sentence aside": (
        EDITORS,
        post(
            lambda base: address(base.paragraph.sentences.first()),
            lambda base: {"reason": "It says nothing."},
        ),
        lambda base, _: Sentence.objects.filter(reason="It says nothing.").exists(),
    ),
    "note at words": (
        EDITORS,
        post(
            lambda base: address(Note, "add"), lambda base: {"paragraph": base.paragraph.pk, **NOTE}
        ),
        lambda base, _: Note.objects.exists(),
    ),
    "rename a theme of drafts": (
        EDITORS,
        post(lambda base: address(base.theme), lambda base: {"name": "Anew", "slug": "anew"}),
        lambda base, _: Tag.objects.filter(name="Anew").exists(),
    ),
    "describe a source": (
        EDITORS,
        post(lambda base: address(base.source), lambda base: SOURCE),
        lambda base, _: Source.objects.get().title == "Anew",
    ),
    "bring a text in": (
        EDITORS,
        post(lambda base: reverse("admin:kb_intake_add"), lambda base: BROUGHT),
        lambda base, _: Intake.objects.exists(),
    ),
    "carry to the next transcription": (
        EDITORS,
        lambda client, base: client.post(
            reverse(
                "admin:kb_transcription_impact",
                args=[store(base.source, cut(TEXT + "\nAnd more.")).pk],
            )
        ),
        lambda base, _: Carry.objects.exists(),
    ),
    "see the citations that wait": (
        EDITORS,
        get(lambda base: reverse("admin:kb_waiting")),
        lambda base, response: response.status_code == 200,
    ),
    "have the invariants proved": (
        EDITORS,
        post(lambda base: reverse("admin:kb_prove"), lambda base: {}),
        lambda base, _: Proof.objects.exists(),
    ),
    "manage users": (
        {"superuser"},
        post(
            lambda base: address(User, "add"),
            lambda base: {
                "username": "new",
                "usable_password": "true",
                "password1": "long-and-new-words",
                "password2": "long-and-new-words",
            },
        ),
        lambda base, _: User.objects.filter(username="new").exists(),
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_who_may(base, act):
    who, sent, came_about = ACTS[act]
    for role in ROLES:
        with undone():
            client = signed_in(role)
            response = sent(client, base)
            done = came_about(base, response)
            assert done == (role in who), f"{role}: {act}: {response.status_code}"
            if role == "anonymous":
                assert response.status_code in (302, 403), "asked to sign in"
            if not who:
                assert Edition.objects.count() == 1


def test_a_team_of_one_publishes_what_it_changed(base, settings):
    """The setting lifts that rule alone: an editor still can't."""
    settings.KB_SELF_PUBLISHING = True
    for role in ROLES:
        with undone():
            saving("sent", "_publish", title="Changed")(signed_in(role), base)
            assert (status(base.sent) == "published") == (role in REVIEWERS), role


def test_what_a_reviewer_changed_is_published_by_another(base):
    first, second = signed_in("reviewer"), signed_in("superuser")
    saving("sent", title="Changed")(first, base)
    reviewing("publish")(first, base)
    assert status(base.sent) == "review"
    reviewing("publish")(second, base)
    assert status(base.sent) == "published"
