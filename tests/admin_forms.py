"""What a browser sends from the admin's form of a claim; and who sends it."""

import html

from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from kb.models import Claim

from .factories import make_user

FROM_CITATION = ("paragraph", "exact", "start", "role", "note", "position")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def superuser(name: str) -> Client:
    return signed_in(User.objects.create_superuser(name, password="a-long-password"))


def member(name: str, *groups: str) -> Client:
    """Of the groups "Editors" or "Reviewers"."""
    return signed_in(make_user(name, *groups))


def staff(name: str) -> Client:
    """May add, change and delete everything in the admin, but not publish."""
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.exclude(codename="publish_claim"))
    return signed_in(user)


def user_of(client: Client) -> User:
    return User.objects.get(pk=client.session["_auth_user_id"])


def address(obj, page: str = "change") -> str:
    meta = obj._meta
    args = [] if page in ("add", "changelist") else [obj.pk]
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=args)


def citation(paragraph, exact: str, **fields) -> dict:
    values = {"paragraph": paragraph.pk, "exact": exact, "role": "evidence", "position": "0"}
    return {**values, **fields}


def form(citations=(), initial: int = 0, **fields) -> dict:
    """The data of a claim's form. The first ``initial`` citations are there already."""
    data = {
        "title": "A claim",
        "sentence": "The source says it.",
        "note": "",
        "tags": "",
        "citations-TOTAL_FORMS": len(citations),
        "citations-INITIAL_FORMS": initial,
        "citations-MIN_NUM_FORMS": 0,
        "citations-MAX_NUM_FORMS": 1000,
        **fields,
    }
    for number, values in enumerate(citations):
        for name, value in values.items():
            data[f"citations-{number}-{name}"] = value
    return data


def form_of(claim: Claim, *, more=(), **fields) -> dict:
    """The form of ``claim`` as a browser sends it back unchanged, line breaks as CR LF."""
    claim = Claim.objects.get(pk=claim.pk).specific()
    there = []
    for cited in claim.citations.all():
        values = {
            name: _sent(getattr(cited, name)) for name in FROM_CITATION if name != "paragraph"
        }
        there.append({**values, "paragraph": cited.paragraph_id, "id": cited.pk, "claim": claim.pk})
    own = {
        field.name: _sent(field.value_from_object(claim))
        for field in claim._meta.local_fields
        if not field.primary_key
    }
    shown = {name: _sent(getattr(claim, name)) for name in ("title", "sentence", "note")}
    if not claim.supersedes_id:
        shown["slug"] = claim.slug
    tags = ", ".join(f'"{tag}"' for tag in claim.tags.names())
    about = [other.pk for other in claim.about.all()]
    data = {**shown, **own, "tags": tags, "about": about}
    return form([*there, *more], initial=len(there), **(data | fields))


def _sent(value) -> str:
    return "" if value is None else str(value).replace("\r\n", "\n").replace("\n", "\r\n")


def says(response) -> str:
    """The page's HTML, with characters for entities."""
    return html.unescape(response.content.decode())


def messages(response) -> str:
    return " ".join(map(str, response.context["messages"]))
