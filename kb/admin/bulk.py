"""Claims of a kind in bulk: the pages that write them to a spreadsheet, and that take one in."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import flatten
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from import_export.admin import ExportActionMixin, ImportMixin
from import_export.forms import ExportForm
from import_export.results import Result

from kb.bulk.formats import FORMATS, ROWS, SIZE, Unreadable, format_of
from kb.bulk.resources import ClaimResource, leaving
from kb.bulk.uploads import Uploads

from .base import asks_for_nul
from .shown import FIELD, carried, changed, told


class UploadForm(forms.Form):
    """A file, whose format its first bytes tell."""

    import_file = forms.FileField(
        label="Spreadsheet",
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
        help_text=f"XLSX, or CSV in UTF-8: at most {SIZE // 2**20} MB and {ROWS:,} rows.",
        error_messages={
            "required": "Choose a file.",
            "empty": "The file is empty.",
        },
    )
    new_themes = forms.BooleanField(
        label="Add themes that are new",
        required=False,
        help_text="Otherwise a theme that isn't there yet counts as a mistake.",
    )

    def __init__(self, formats, resources, **kwargs):
        super().__init__(**kwargs)

    def clean_import_file(self):
        upload = self.cleaned_data["import_file"]
        if upload.size > SIZE:
            raise forms.ValidationError(
                f"The file has {upload.size / 2**20:,.1f} MB, and {SIZE // 2**20} MB are the most: "
                "import it in parts."
            )
        try:
            self.cleaned_data["format"] = format_of(upload.read(8))
        except Unreadable as error:
            raise forms.ValidationError(str(error)) from error
        return upload


class ConfirmForm(forms.Form):
    import_file_name = forms.CharField(max_length=50)
    original_file_name = forms.CharField(max_length=255)
    format = forms.ChoiceField(choices=[(str(n), n) for n in range(len(FORMATS))])
    new_themes = forms.BooleanField(required=False)
    shown = forms.CharField()

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget = forms.HiddenInput()


class Meanwhile(Exception):
    """Something, ``names``, is otherwise than it was previewed; ``result`` is what it is now."""

    def __init__(self, result: Result, names: list[str]):
        super().__init__(f"{told(names)} changed since you looked. Nothing was imported.")
        self.result = result


class BulkMixin(ImportMixin, ExportActionMixin):
    """Export to whoever may see the kind, import to whoever may add and change it."""

    import_export_change_list_template = "admin/kb/claims.html"
    formats = FORMATS
    import_form_class = UploadForm
    confirm_form_class = ConfirmForm
    export_form_class = ExportForm
    tmp_storage_class = Uploads
    own_fields: tuple

    def has_import_permission(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_resource_classes(self, request):
        return [ClaimResource]

    def get_resource_kwargs(self, request, form=None, **kwargs) -> dict[str, Any]:
        return {"model": self.model, "own": flatten(self.own_fields)}

    # Out.

    def export_action(self, request):
        """Leaves out filters that are none, as the list does."""
        try:
            if not asks_for_nul(request):
                return super().export_action(request)
        except IncorrectLookupParameters:
            pass
        messages.error(request, "The list has no such filter: this is all of it.")
        return redirect(request.path)

    def get_valid_export_item_pks(self, request):
        return self.get_queryset(request).values_list("pk", flat=True)

    def init_request_context_data(self, request, form):
        chosen = form.initial.get("export_items")
        claims = self.get_export_queryset(request)
        claims = claims.filter(pk__in=chosen) if chosen else claims
        context = super().init_request_context_data(request, form)
        return {**context, "title": self._says("Export"), "count": leaving(claims).count()}

    @admin.action(description="Export them as a spreadsheet", permissions=["export"])
    def export_admin_action(self, request, queryset):
        return super().export_admin_action(request, queryset)

    # In.

    def get_import_resource_kwargs(self, request, form=None, **kwargs):
        confirmed = getattr(form, "cleaned_data", {})
        new_themes = confirmed.get("new_themes", False)
        return {**self.get_resource_kwargs(request), "new_themes": new_themes}

    def get_import_data_kwargs(self, **kwargs):
        return {**super().get_import_data_kwargs(**kwargs), "rollback_on_validation_errors": True}

    def get_confirm_form_initial(self, request, import_form):
        initial = super().get_confirm_form_initial(request, import_form)
        return {**initial, "new_themes": import_form and import_form.cleaned_data["new_themes"]}

    def add_data_read_fail_error_to_form(self, form, e):
        if not isinstance(e, Unreadable):
            raise e
        form.add_error("import_file", str(e))

    def import_action(self, request, **kwargs):
        response = super().import_action(request, **kwargs)
        context = response.context_data
        if form := context.get("confirm_form"):
            form.initial[FIELD] = carried(_shown(context["result"]))
        context |= self._import_context(request)
        return response

    def _import_context(self, request) -> dict[str, Any]:
        resource = ClaimResource(**self.get_resource_kwargs(request))
        return {"title": self._says("Import"), "columns": resource.columns()}

    def process_import(self, request, **kwargs) -> HttpResponse:
        """Imports what was previewed, or says why it can't."""
        if not self.has_import_permission(request):
            raise PermissionDenied
        form = self.create_confirm_form(request)
        if request.method != "POST" or not form.is_valid():
            return self._once_more(request, "Nothing was imported. Choose the file again.")
        try:
            return super().process_import(request, **kwargs)
        except Unreadable as error:
            return self._once_more(request, str(error))
        except Meanwhile as error:
            again = {**form.cleaned_data, FIELD: carried(_shown(error.result))}
            return self._anew(
                request, error.result, str(error), confirm_form=ConfirmForm(initial=again)
            )

    @transaction.atomic
    def process_dataset(self, dataset, form, request, **kwargs) -> Result:
        """Raises Meanwhile, and imports nothing, if the rows would do what nobody looked at."""
        result = super().process_dataset(dataset, form, request, **kwargs)
        if not _is_faulty(result) and (names := changed(request, _shown(result))):
            raise Meanwhile(result, names)
        return result

    def process_result(self, result: Result, request) -> HttpResponse:
        if not _is_faulty(result):
            return super().process_result(result, request)
        why = "Something changed since the preview. Nothing was imported."
        return self._anew(request, result, why)

    def _anew(self, request, result: Result, why: str, **more) -> HttpResponse:
        messages.error(request, why)
        context = {
            **self.admin_site.each_context(request),
            **self._import_context(request),
            "opts": self.opts,
            "form": self.create_import_form(request),
            "result": result,
            **more,
        }
        return TemplateResponse(request, self.import_template_name, context)

    def generate_log_entries(self, result: Result, request) -> None:
        for row in result:
            if row.instance:
                log = self.log_addition if row.is_new() else self.log_change
                log(request, row.instance, "Imported.")

    def add_success_message(self, result: Result, request) -> None:
        totals = result.totals
        messages.success(
            request,
            f"Imported: {totals['new']} new, {totals['update']} changed, all of them in review; "
            f"{totals['skip']} rows changed nothing.",
        )

    def _once_more(self, request, why: str) -> HttpResponse:
        messages.error(request, why)
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_import")

    def _says(self, verb: str) -> str:
        return f"{verb} {self.opts.verbose_name_plural}"


def _is_faulty(result: Result) -> bool:
    return result.has_errors() or result.has_validation_errors()


def _shown(result: Result) -> dict[str, Any]:
    return {f"“{row.slug}”": row.basis for row in result}
