"""The history of a claim's drafts: its states, what differs between two, and the way back to one.

In place of Django's history of log entries, which say that something changed but not what. What
the public read in each edition is another history: ``kb.views.history``.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse

from kb.comparing import Difference, compare, described, words_of
from kb.models import Claim, Revised
from kb.publishing import lock
from kb.refusals import refusals
from kb.restoring import Restoration, revert, working_copy
from kb.revisions import state_of
from kb.snapshots import Unreadable, readable, snapshot

from .base import EditorsAdmin, form_address, key_of
from .meanwhile import seen, sent_with, stored
from .standing import names_of

STATES_PER_PAGE = 100


class StatesAdmin(EditorsAdmin):
    """A claim and its draft successor share one history: that of the claim."""

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}_state"
        view = self.admin_site.admin_view(self.state_view)
        return [path("<path:pk>/history/<int:state>/", view, name=name), *super().get_urls()]

    def history_view(self, request: HttpRequest, object_id: str, extra_context=None):
        """The states, newest first; with ``?old=`` and ``?new=`` what differs between two."""
        claim = self._root(request, object_id)
        states = Revised.objects.filter(claim=claim).select_related("revision__user")
        page = Paginator(states, STATES_PER_PAGE).get_page(request.GET.get("page"))
        asked = [key_of(request.GET.get(name, "")) for name in ("old", "new")]
        found = states.in_bulk([key for key in asked if key is not None])
        old, new = (found.get(key) for key in asked)
        newest, before = [*page, None, None][:2]
        context = {
            "title": f"History of “{claim}”",
            "page": page,
            "old": old or before,
            "new": new or newest,
            **(_difference(old, new) if old and new else {}),
        }
        return self._page(request, claim, "admin/kb/history.html", context)

    def state_view(self, request: HttpRequest, pk: str, state: int) -> HttpResponse:
        """One state: what it holds, what going back to it would change, and the button for that."""
        claim = self._root(request, pk)
        shown = get_object_or_404(
            Revised.objects.select_related("revision__user"), pk=state, claim=claim
        )
        may_revert = super().has_change_permission(request, claim)
        if request.method == "POST":
            if not may_revert:
                raise PermissionDenied
            try:
                draft = _reverted(request, claim, shown)
            except (ValidationError, IntegrityError, Unreadable) as error:
                why = refusals(error) if isinstance(error, IntegrityError) else _why(error)
                self.message_user(request, "Nothing was restored. " + " ".join(why), messages.ERROR)
            else:
                self.log_change(request, draft, "Reverted to an earlier state.")
                self.message_user(
                    request,
                    "Restored, as a draft: title, sentence, note, fields, themes, what it is "
                    "about and citations. Look it over, then send it to review.",
                    messages.SUCCESS,
                )
                return self.to_form(draft.pk)
        context = {
            "title": f"“{claim}”, as it was",
            "state": shown,
            "may_revert": may_revert,
            "since": _since(request, claim),
        }
        return self._page(request, claim, "admin/kb/state.html", context | _shown(claim, shown))

    def _root(self, request: HttpRequest, pk: str) -> Claim:
        claim = get_object_or_404(self.model, pk=key_of(pk))
        if not self.has_view_or_change_permission(request, claim):
            raise PermissionDenied
        if claim.supersedes_id:
            return self.model._default_manager.get(pk=claim.supersedes_id)
        return claim

    def _page(self, request: HttpRequest, claim: Claim, template: str, context: dict):
        edited = Claim.objects.filter(supersedes=claim.pk).first() or claim
        info = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        shared = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "claim": claim,
            "form_url": form_address(self.model, edited.pk),
            "history_url": reverse(f"{info}_history", args=[claim.pk]),
        }
        return TemplateResponse(request, template, shared | context)


@transaction.atomic
def _reverted(request: HttpRequest, claim: Claim, state: Revised) -> Claim:
    """Raises as ``revert`` does; ValidationError too if the claim is not as the form has it."""
    lock()
    if _since(request, claim):
        raise ValidationError("Somebody changed this since you looked: see below what.")
    return revert(claim, state, by=request.user)


def _since(request: HttpRequest, claim: Claim) -> list[Difference]:
    """What was changed since the form was made that is sent; nothing if none is."""
    was = sent_with(request.POST)
    if was is None:
        return []
    present = stored(working_copy(claim).pk)
    return compare(was.state, present, names_of([was.state, present]))


def _difference(old: Revised, new: Revised) -> dict[str, Any]:
    """What a page shows of the difference between two states; a few queries."""
    context: dict[str, Any] = {"older": old, "newer": new}
    try:
        then, now = readable(state_of(old)), readable(state_of(new))
    except Unreadable as error:
        return {**context, "fault": str(error)}
    return {**context, "differences": compare(then, now, names_of([then, now]))}


def _shown(claim: Claim, shown: Revised) -> dict[str, Any]:
    """What a page shows of one state; a few queries."""
    draft = working_copy(claim)
    present = snapshot(draft)
    try:
        stored = state_of(shown)
        state = readable(stored)
    except Unreadable as error:
        return {"fault": str(error)}
    names = names_of([state, present])
    return {
        "seen": seen(draft),
        "parts": [part for part in described(state, names) if part[1]],
        "citations": [words_of(citation, names) for citation in state["citations"]],
        "differences": compare(present, state, names),
        "problems": Restoration(stored, draft).problems,
    }


def _why(error: Exception) -> list[str]:
    return error.messages if isinstance(error, ValidationError) else [str(error)]
