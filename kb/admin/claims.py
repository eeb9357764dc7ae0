"""Claims: drafts are edited, reviewed and published here; what is published is only looked at.

Each kind registers a child of ``ClaimAdmin``. ``kb.publishing`` alone changes a claim's standing.
"""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected as delete_with_confirmation
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from kb.models import Citation, Claim, TaggedClaim
from kb.publishing import (
    PUBLISH,
    lock,
    may_publish,
    note_step,
    open_draft,
    publish,
    send_back,
    submit,
    touch,
    unpublished_references,
    withdraw,
)
from kb.refusals import refusals
from kb.revisions import record, revision
from kb.theming import ADD_THEME

from .base import form_address, key_of, link
from .bulk import BulkMixin
from .citing import FromText, back_to_text, words_asked
from .forms import ClaimForm, NoteForm, StepForm, WithdrawalForm
from .listing import ClaimColumns, SourceFilter, ThemeFilter
from .meanwhile import seen, told, way_on
from .preview import preview_address
from .spans import CitationInline
from .standing import changes
from .states import StatesAdmin

Status = Claim.Status


class ClaimAdmin(BulkMixin, FromText, StatesAdmin, ClaimColumns):
    """A kind of claim. Children name the fields, columns and filters of their own."""

    form = ClaimForm
    change_form_template = "admin/kb/claim.html"
    inlines = [CitationInline]
    autocomplete_fields = ["about"]
    actions = ["delete_selected"]
    own_fields: tuple = ()
    own_columns: tuple[str, ...] = ()
    own_filters: tuple[str, ...] = ()

    def get_list_display(self, request):
        return ("title", "standing", *self.own_columns, "first_words", "cited", "themes")

    def get_list_filter(self, request):
        return ("status", *self.own_filters, SourceFilter, ThemeFilter)

    def get_fieldsets(self, request, obj=None):
        slug = () if obj and obj.supersedes_id else ("slug",)
        return [
            (None, {"fields": ["title", *slug, "sentence", *self.own_fields]}),
            ("Where it belongs", {"fields": ["tags", "about"]}),
            ("To the reader", {"fields": ["note"]}),
        ]

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else {"slug": ["title"]}

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and issubclass(db_field.related_model or object, Claim):
            # A draft successor is gone once it is published: nothing may point to it.
            field.queryset = field.queryset.filter(supersedes=None)
            field.widget.can_change_related = field.widget.can_delete_related = False
        return field

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.may_add_themes = request.user.has_perm(ADD_THEME)
        return form

    def view_on_site(self, claim: Claim) -> str | None:
        return claim.get_absolute_url() if claim.status == Status.PUBLISHED else None

    def get_object(self, request, object_id, from_field=None):
        known = from_field or key_of(object_id) is not None
        return super().get_object(request, object_id, from_field) if known else None

    # Who may do what.

    def has_change_permission(self, request, obj=None):
        return not (obj and obj.is_frozen) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        published = obj and (obj.is_frozen or obj.publications.exists())
        return not published and super().has_delete_permission(request, obj)

    # From draft to public and back.

    def get_urls(self):
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            ("open-draft", self.open_draft_view, "open_draft"),
            ("withdraw", self.withdraw_view, "withdraw"),
        ]
        return [
            path(f"<path:pk>/{end}/", self.admin_site.admin_view(view), name=f"{name}_{action}")
            for end, view, action in own
        ] + super().get_urls()

    def open_draft_view(self, request: HttpRequest, pk: str) -> HttpResponse:
        return require_POST(self._open_draft)(request, self._claim(pk))

    def _open_draft(self, request: HttpRequest, claim: Claim) -> HttpResponse:
        if not super().has_change_permission(request, claim):
            raise PermissionDenied
        draft = open_draft(claim, by=request.user)
        if draft.pk != claim.pk:
            self.log_change(request, claim, "Opened its draft.")
        return self.to_form(draft.pk)

    def withdraw_view(self, request: HttpRequest, pk: str) -> HttpResponse:
        claim = self._claim(pk)
        if not self._may_publish(request):
            raise PermissionDenied
        form = WithdrawalForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                withdraw(claim, form.cleaned_data["reason"], by=request.user)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                self.log_change(request, claim, "Withdrawn.")
                self.message_user(request, f"“{claim}” was withdrawn.", messages.SUCCESS)
                return self.to_form(claim.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Withdraw “{claim}”",
            "opts": self.opts,
            "claim": claim,
            "form": form,
        }
        return TemplateResponse(request, "admin/kb/withdraw.html", context)

    def _claim(self, pk: str) -> Claim:
        return get_object_or_404(self.model, pk=key_of(pk))

    def _may_publish(self, request: HttpRequest) -> bool:
        return self.has_view_or_change_permission(request) and request.user.has_perm(PUBLISH)

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method != "POST" or not object_id:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            lock()  # Nobody publishes it between this look and what is saved.
            may = {
                "change": super().has_change_permission(request),
                "add": self.has_add_permission(request),
            }
            way = way_on(request, self.model, object_id, may)
            if way:
                pk = str(way.pk) if way.pk else None
                return super().changeform_view(request, pk, way.form_url, extra_context)
            claim = self.get_object(request, object_id)
            if claim and may["change"]:
                self.message_user(
                    request,
                    f"“{claim}” is {claim.get_status_display()} and is not changed in place: "
                    "nothing was saved. What you typed is one step back in your browser; "
                    "open a draft and put it there.",
                    messages.ERROR,
                )
                return self.to_form(claim.pk)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def _changeform_view(self, request, object_id, form_url, extra_context):
        with revision():
            form_view: Any = super()
            return form_view._changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        if not change:
            note_step(obj, Status.DRAFT, by=request.user)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        changed = form.has_changed() or any(formset.has_changed() for formset in formsets)
        if changed or not change:
            touch(form.instance, request.user)
            record(form.instance.pk, note="Changed" if change else "Added")
        step = {"_review": submit, "_draft": send_back}
        for name in step.keys() & request.POST.keys():
            step[name](form.instance, by=request.user, note=StepForm.note_in(request.POST))
            done = "Sent to review" if name == "_review" else "Back in draft"
            back = "" if words_asked(request) else back_to_text(form.instance)
            said = format_html("{}: “{}”. {}", done, form.instance, back)
            self.message_user(request, said, messages.SUCCESS)
            if name == "_review" and (problems := form.instance.problems()):
                why = f"Nobody can publish it yet. {' '.join(problems)}"
                self.message_user(request, why, messages.WARNING)

    def response_add(self, request, obj, post_url_continue=None):
        return self._onward(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        return self._onward(request, obj) or super().response_change(request, obj)

    def _onward(self, request: HttpRequest, draft: Claim) -> HttpResponse | None:
        """What the buttons other than Django's lead to, once the draft is saved."""
        if "_publish" in request.POST:
            return self._publish(request, draft)
        if "_preview" in request.POST:
            return HttpResponseRedirect(preview_address(draft))
        return None

    def _publish(self, request: HttpRequest, draft: Claim) -> HttpResponse:
        """Publishes what was just saved, in the transaction that saved it; or says why not."""
        note = NoteForm(request.POST)
        try:
            if not note.is_valid():
                raise ValidationError(list(note.errors["edition_note"]))
            with transaction.atomic():
                claim = publish(draft, by=request.user, note=note.cleaned_data["edition_note"])
        except (ValidationError, IntegrityError) as error:
            why = error.messages if isinstance(error, ValidationError) else refusals(error)
            self.message_user(
                request,
                "Saved, but not published. " + " ".join(why),
                messages.ERROR,
            )
            again = QueryDict(mutable=True)
            again["edition_note"] = note.data.get("edition_note", "")
            return HttpResponseRedirect(f"{form_address(self.model, draft.pk)}?{again.urlencode()}")
        claim = claim.specific()
        self.log_change(request, claim, "Published.")
        self.message_user(
            request,
            format_html("Published: {}.", link(claim.get_absolute_url(), f"“{claim}”")),
            messages.SUCCESS,
        )
        return self.to_form(claim.pk)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        publishes = self._may_publish(request)
        # Who adds a claim has touched it by that.
        left_alone = may_publish(obj, request.user) if obj else settings.KB_SELF_PUBLISHING
        context["may_publish"] = publishes and left_alone
        context["typed"] = request.POST or request.GET
        if request.method == "POST":
            (citations,) = context["inline_admin_formsets"]
            context["told"] = told(context["adminform"].form, citations.formset)
        if obj:
            context |= self._standing(request, obj)
            context["seen"] = seen(obj)
            context["may_withdraw"] = publishes and obj.status == Status.PUBLISHED
            context["touched"] = not obj.is_frozen and not left_alone
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _standing(self, request: HttpRequest, claim: Claim) -> dict:
        """What the panel above the form says. Ten queries; of a draft successor some twenty."""
        successor = Claim.objects.filter(supersedes=claim).first()
        problems = [*claim.problems(), *unpublished_references(claim)]
        return {
            "claim": claim,
            "last": claim.publications.select_related("edition").first(),
            "successor_url": successor and form_address(self.model, successor.pk),
            "original_url": claim.supersedes_id and form_address(self.model, claim.supersedes_id),
            "may_open": claim.is_frozen and super().has_change_permission(request, claim),
            "problems": [] if claim.is_frozen else problems,
            "steps": claim.steps.select_related("by"),
            "differences": changes(claim),
            "preview_url": "" if claim.is_frozen else preview_address(claim),
        }

    # Drafts can be deleted, what was published can't.

    def get_deleted_objects(self, objs, request):
        """Names the citations that go with a draft; its parts ask for no permission of their own.

        One query a draft more.
        """
        _, _, lacking, protected = super().get_deleted_objects(objs, request)
        parts = {model._meta.verbose_name for model in (Claim, Citation, TaggedClaim)}
        cited = [[str(citation) for citation in claim.citations.with_places()] for claim in objs]
        listed = [item for pair in zip(map(str, objs), cited, strict=True) for item in pair]
        counts = {
            self.opts.verbose_name_plural: len(cited),
            Citation._meta.verbose_name_plural: sum(map(len, cited)),
        }
        return listed, counts, lacking - parts, protected

    @admin.action(
        permissions=["delete"], description="Delete those of them that were never published"
    )
    def delete_selected(self, request, queryset):
        drafts = queryset.filter(status__in=[Status.DRAFT, Status.REVIEW], publications=None)
        if kept := queryset.count() - drafts.count():
            self.message_user(
                request,
                f"{kept} of them {'was' if kept == 1 else 'were'} published and can't be deleted: "
                "withdraw what the public should no longer read.",
                messages.WARNING,
            )
        if not drafts.exists():
            return None
        try:
            with transaction.atomic():
                return delete_with_confirmation(self, request, drafts)
        except IntegrityError as error:
            self.message_user(request, " ".join(refusals(error)), messages.ERROR)
            return None
