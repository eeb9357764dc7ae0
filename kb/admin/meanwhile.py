"""Two editors with the same claim open: the second to save is told what the first stored.

A form carries the state that it was opened on. When another one is stored by the time it is sent,
nothing is saved; it comes back as it was typed, with what was stored meanwhile beside it, and with
the state that is stored now: so saving it again is deliberate. Citations that are gone by then come
back as new ones; those that were added stand below as well. A draft that was published or deleted
leads on to the next draft, or to a new one.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from kb.comparing import Difference, State, compare
from kb.models import Citation, Claim
from kb.publishing import open_draft
from kb.snapshots import readable, snapshot

from .base import form_address, key_of
from .standing import names_of

CODE = "meanwhile"
PREFIX = "citations"
MOST = 1000  # citations in one form
_NUMBERED = re.compile(rf"{PREFIX}-\d+-")
SENT = ("paragraph", "exact", "start", "role", "note", "position")


@dataclass(frozen=True)
class Seen:
    """What a form was opened on: the state, and the key of the claim that the draft replaces."""

    state: State
    replaces: int | None

    def is_stored(self, pk: int | None) -> bool:
        return pk is not None and self.state == stored(pk)


def seen(claim: Claim) -> str:
    """For the form to carry."""
    return json.dumps({"state": stored(claim.pk), "replaces": claim.supersedes_id})


def stored(pk: int) -> State:
    return json.loads(json.dumps(snapshot(Claim.objects.get(pk=pk))))


def sent_with(data: Any) -> Seen | None:
    """None for a form that carries nothing, or what we never gave it."""
    try:
        carried = json.loads(data.get("seen", ""))
        state, replaces = carried["state"], carried["replaces"]
        state = readable(state)
    except (ValueError, TypeError, KeyError):
        return None
    del state["titles"]
    return Seen(state, replaces if isinstance(replaces, int) else None)


@dataclass(frozen=True)
class Way:
    """Which form what was typed goes to: a claim's, or without a key the one for a new claim."""

    pk: int | None
    form_url: str = ""


def way_on(request: HttpRequest, model: type[Claim], pk: str, may: dict[str, bool]) -> Way | None:
    """Where the form goes that was sent for the claim ``pk``; None if nothing leads on.

    Under ``lock``. ``may`` says whether the user may "change" and "add". Puts into the request
    what has become of the citations.
    """
    was = sent_with(request.POST)
    claim = _found(model, key_of(pk))
    if claim and not claim.is_frozen:
        if was and not was.is_stored(claim.pk):
            _reconcile(request, claim, was)
        return Way(claim.pk)
    if was is None:
        return None
    original = claim or _found(model, was.replaces)
    if not may["change" if original else "add"]:
        raise PermissionDenied
    if original:
        draft = open_draft(original, by=request.user)
        what = f"was {claim.get_status_display()}" if claim else "was published or deleted"
        messages.warning(
            request,
            f"“{was.state['title']}” {what} while you had it open. What you typed is below, in the "
            "next draft; it is not saved yet.",
        )
        _reconcile(request, draft, was)
        return Way(draft.pk, form_address(model, draft.pk))
    messages.warning(
        request,
        f"“{was.state['title']}” was deleted while you had it open. What you typed is below; it is "
        "not saved yet. Save it to make it anew.",
    )
    _reconcile(request, None, was)
    return Way(None, reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add"))


def _found(model: type[Claim], pk: int | None) -> Claim | None:
    return None if pk is None else model.objects.filter(pk=pk).first()


def _reconcile(request: HttpRequest, claim: Claim | None, was: Seen) -> None:
    cited = was.state["citations"]
    request.POST = reconciled(request.POST, claim, cited)  # type: ignore[assignment]


def reconciled(data: QueryDict, claim: Claim | None, was: list[State]) -> QueryDict:
    """The form's data with the citations that are stored by now, those typed for others as new.

    ``was`` are the citations that the form was opened with, in its order.
    """
    total = key_of(data.get(f"{PREFIX}-TOTAL_FORMS", ""))
    if total is None or total > MOST:
        return data
    rows = [_Row(data, number, was) for number in range(total)]
    left = {str(citation.pk): citation for citation in (claim.all_citations() if claim else [])}
    kept = [row for row in rows if left.pop(row.sent.get("id", ""), None)]
    new = [row for row in rows if row not in kept]
    for row in list(new):
        if pk := next((pk for pk, citation in left.items() if row.is_of(citation)), None):
            row.sent["id"] = pk
            kept.append(row)
            new.remove(row)
            del left[pk]
    for row in new:
        row.forget()
    whole = data.copy()
    for name in [name for name in whole if _NUMBERED.match(name)]:
        del whole[name]
    of_claim = {"claim": str(claim.pk)} if claim else {}
    sent = [row.sent for row in kept] + [_sent(citation) for citation in left.values()]
    for number, values in enumerate([*sent, *(row.sent for row in new)]):
        for name, value in {**values, **of_claim}.items():
            whole[f"{PREFIX}-{number}-{name}"] = value
    whole[f"{PREFIX}-TOTAL_FORMS"] = str(len(sent) + len(new))
    whole[f"{PREFIX}-INITIAL_FORMS"] = str(len(sent))
    return whole


class _Row:
    """What was sent for one citation; ``was`` is what it was when the form was opened."""

    def __init__(self, data: QueryDict, number: int, was: list[State]):
        start = f"{PREFIX}-{number}-"
        sent = {name.removeprefix(start): data[name] for name in data if name.startswith(start)}
        self.sent = {name: str(value) for name, value in sent.items() if name != "claim"}
        self.was = was[number] if number < len(was) and self.sent.get("id") else None

    @property
    def words(self) -> str:
        return _lines(self.sent.get("exact", ""))

    def is_of(self, citation: Citation) -> bool:
        """Whether the citation is the one that this was, or cites the same words."""
        if self.was and _place(self.was) == _place(_state(citation)):
            return True
        there = (str(citation.paragraph_id), str(citation.start), _lines(citation.exact))
        return (self.sent.get("paragraph"), self.sent.get("start"), self.words) == there

    def forget(self) -> None:
        """Makes a new citation of it. The start of other words is found anew."""
        self.sent["id"] = ""
        if self.was and self.words != _lines(self.was["exact"]):
            self.sent["start"] = ""


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n")


def _place(cited: State) -> tuple:
    return tuple(cited[name] for name in ("source", "version", "paragraph", "start", "end"))


def _state(citation: Citation) -> State:
    """Where it stands, as ``snapshot`` has it; what is not known is empty."""
    paragraph = citation.paragraph if citation.paragraph_id else None
    transcription = paragraph.transcription if paragraph else None
    return {
        "source": transcription.source.slug if transcription else "",
        "version": transcription.version if transcription else "",
        "paragraph": paragraph.ref if paragraph else "",
        "start": "" if citation.start is None else citation.start,
        "end": "" if citation.end is None else citation.end,
    }


def _sent(citation: Citation) -> dict[str, str]:
    values = {**{name: getattr(citation, name) for name in SENT}, "id": citation.pk}
    return {name: str(value) for name, value in values.items()} | {
        "paragraph": str(citation.paragraph_id)
    }


@dataclass(frozen=True)
class Told:
    """What the second editor is told: what was stored meanwhile, and what saving would change."""

    theirs: list[Difference]
    yours: list[Difference]


def told(form: ModelForm, formset: BaseInlineFormSet) -> Told | None:
    """None if nothing happened meanwhile, or it is gone. Some ten queries if something did."""
    was = sent_with(form.data)
    if was is None or form.instance.pk is None or not form.has_error("__all__", CODE):
        return None
    now = stored(form.instance.pk)
    yours = typed(now, form, formset)
    names = names_of([was.state, now, yours])
    return Told(compare(was.state, now, names), compare(now, yours, names))


def typed(state: State, form: ModelForm, formset: BaseInlineFormSet) -> State:
    """``state`` with what was typed instead, whether it is valid or not."""
    values = {name: _value(form, name) for name in form.fields}
    tags, about = values.pop("tags", []), values.pop("about", [])
    forms = [row for row in formset.forms if row not in formset.deleted_forms]
    cited = [_citation(row) for row in sorted(forms, key=_position) if _value(row, "exact")]
    return {
        **state,
        **{name: values[name] for name in ("title", "sentence", "note") if name in values},
        "fields": {name: values.get(name, was) for name, was in state["fields"].items()},
        "tags": sorted(tags) if isinstance(tags, list) else [str(tags)],
        "about": sorted(other.slug for other in about) if not isinstance(about, str) else [],
        "citations": cited,
    }


def _value(form: ModelForm, name: str) -> Any:
    cleaned = getattr(form, "cleaned_data", {})
    value = cleaned[name] if name in cleaned else form.data.get(form.add_prefix(name), "")
    return list(value.natural_key()) if isinstance(value, Claim) else value


def _position(form: ModelForm) -> int:
    value = _value(form, "position")
    return value if isinstance(value, int) else 0


def _citation(form: ModelForm) -> State:
    return {
        **_state(form.instance),
        **{name: _value(form, name) for name in ("exact", "role", "note")},
    }
