"""Claims of a kind as a table, out and in. What comes in becomes drafts, in review."""

from collections import Counter
from typing import Any

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DatabaseError, transaction
from django.db.models import QuerySet
from import_export.fields import Field
from import_export.instance_loaders import BaseInstanceLoader
from import_export.resources import Resource
from import_export.results import Result, RowResult
from taggit.models import Tag

from kb.comparing import Difference, State
from kb.models import Claim
from kb.publishing import lock, note_step, open_draft, submit, touch
from kb.refusals import refusals
from kb.restoring import Restoration, working_copy
from kb.revisions import revision
from kb.snapshots import snapshot
from kb.theming import ADD_THEME
from kb.wording import word_diff

from .rows import LISTS, WORDS, Reader, cells

Status = Claim.Status


class ClaimRow(RowResult):
    """What a row comes to: ``number`` is its place in the spreadsheet, the columns' names are 1."""

    number: int
    slug: str
    outcome = ""  # for people
    basis: Any = None  # what it follows from, as plain data
    diff: list[Difference] | None  # by column

    @property
    def faults(self) -> dict[str, list[str]]:
        """Messages by column; those of no column under an empty name."""
        error = self.validation_error
        if error is None:
            return {}
        if not hasattr(error, "error_dict"):
            return {"": error.messages}
        return {
            "" if name == NON_FIELD_ERRORS else name: m for name, m in error.message_dict.items()
        }


class ClaimResource(Resource):
    """The table of a kind, with the columns ``own`` that are its own fields.

    ``new_themes``: whether an import adds the themes that it doesn't find.
    """

    class Meta:
        instance_loader_class = BaseInstanceLoader
        use_transactions = True

    def __init__(self, model: type[Claim], own: list[str], *, new_themes: bool = False):
        super().__init__()
        self.model, self.own, self.new_themes = model, own, new_themes
        self.seen: dict[str, int] = {}  # the row of each slug
        self.drafts: list[tuple[Claim, list[str]]] = []  # with what they will be about
        self.fields = {
            name: Field(column_name=name) for name in ("slug", *WORDS, *self.own, *LISTS)
        }

    @classmethod
    def get_row_result_class(cls):
        return ClaimRow

    @classmethod
    def get_display_name(cls) -> str:
        return "claims"  # The library's forms ask for it; there is one resource, so none is shown.

    def columns(self) -> list[tuple[str, str]]:
        """Each plain column, and what it holds, for people."""
        fields = [self.model._meta.get_field(name) for name in (*WORDS, *self.own)]
        return [(field.name, _told(field)) for field in fields]

    # Out.

    def filter_export(self, queryset: QuerySet, **kwargs) -> list[Claim]:
        """Those of ``queryset`` that leave, in the order of their slugs. Four queries."""
        claims = Claim.objects.filter(pk__in=leaving(queryset).order_by().values("pk"))
        return sorted(claims.whole(), key=lambda claim: claim.slug)

    def export_resource(self, instance: Claim, selected_fields=None, **kwargs) -> list[str]:
        return cells(snapshot(instance), self.own)

    # In.

    def import_data_inner(self, dataset: tablib.Dataset, *args, **kwargs) -> Result:
        """As one revision, which is rolled back with all else."""
        with revision(f"Imported from {kwargs['file_name']}", by=kwargs["user"]):
            return super().import_data_inner(dataset, *args, **kwargs)

    def before_import(self, dataset: tablib.Dataset, **kwargs):
        """Raises ValidationError, and leaves no row to import, if the columns are others."""
        lock()
        columns = Counter(dataset.headers)
        faults = [
            f"{says}: {', '.join(names)}."
            for says, names in (
                ("Columns are missing", [name for name in self.fields if name not in columns]),
                (
                    "There are no such columns",
                    [name or "(no name)" for name in columns - Counter(list(self.fields))],
                ),
            )
            if names
        ]
        if faults:
            del dataset[:]
            raise ValidationError([*faults, f"The columns are: {', '.join(self.fields)}."])
        slugs = {slug for slug in dataset["slug"] if isinstance(slug, str)}
        may_add = kwargs["user"].has_perm(ADD_THEME)
        self.reader = Reader(self.model, self.own, slugs, self.new_themes, may_add)

    def handle_import_error(self, result, error, raise_errors=False):
        super().handle_import_error(result, error, not isinstance(error, ValidationError))

    def import_row(self, row: dict[str, Any], instance_loader, **kwargs) -> ClaimRow:
        result = ClaimRow()
        result.number = kwargs["row_number"] + 1
        result.slug = str(row["slug"])
        try:
            with transaction.atomic():
                self._take(
                    row, result, by=kwargs["user"], note=f"imported from {kwargs['file_name']}"
                )
        except (ValidationError, DatabaseError) as error:
            result.import_type = RowResult.IMPORT_TYPE_INVALID
            result.validation_error = (
                error
                if isinstance(error, ValidationError)
                else ValidationError(list(refusals(error)))
            )
        return result

    def _take(self, row: dict[str, Any], result: ClaimRow, *, by, note: str) -> None:
        if not any(row.values()):
            raise ValidationError("The row is empty: take it out of the file.")
        state = self.reader.state(row)
        slug = state["slug"]
        if self.seen.setdefault(slug, result.number) != result.number:
            raise ValidationError({"slug": f"Row {self.seen[slug]} has this slug already."})
        stored = Claim.objects.filter(slug=slug).first()
        if stored and stored.kind != state["kind"]:
            raise ValidationError(
                {"slug": f"“{stored}” has this slug and is a {stored.kind}: choose another."}
            )
        working = stored and working_copy(stored)
        before = {**snapshot(working), "slug": slug} if working else None
        result.basis = [_outcome(working), before, state]
        if before == state:
            result.import_type = RowResult.IMPORT_TYPE_SKIP
            return
        result.import_type = RowResult.IMPORT_TYPE_UPDATE if stored else RowResult.IMPORT_TYPE_NEW
        result.outcome = _outcome(working)
        result.diff = self._diff(before, state)
        result.instance = self._draft(stored, state, by)
        self.drafts.append((result.instance, state["about"]))
        _to_review(result.instance, by, note)

    def _diff(self, before, state) -> list[Difference]:
        """Column by column; of a new claim, every column that has something."""
        new = cells(state, self.own)
        old = cells(before, self.own) if before else [""] * len(new)
        columns = zip(self.fields, old, new, strict=True)
        return [
            Difference(name, word_diff(a if before else b, b)) for name, a, b in columns if a != b
        ]

    def _draft(self, stored: Claim | None, state: State, by) -> Claim:
        """The draft that holds ``state``, but for what it is about. Raises ValidationError."""
        if stored:
            draft = open_draft(stored, by=by).specific()
        else:
            draft = self.model(kind=state["kind"], slug=state["slug"])
        if self.new_themes:
            for name in state["tags"]:
                Tag.objects.get_or_create(name=name)
        Restoration({**state, "about": []}, draft).apply()
        if not stored:
            note_step(draft, Status.DRAFT, by=by)
        touch(draft, by)
        return draft

    def after_import(self, dataset, result, **kwargs):
        """Now that every claim of the file is there: what each is about."""
        for draft, slugs in self.drafts:
            draft.about.set(Claim.objects.filter(slug__in=slugs, supersedes=None))


def leaving(queryset: QuerySet) -> QuerySet:
    """Published claims as they are published, and drafts of what was never published."""
    return queryset.filter(supersedes=None).exclude(status=Status.WITHDRAWN)


def _outcome(working: Claim | None) -> str:
    if working is None:
        return "a new draft"
    if working.is_frozen:
        return f"opens a draft of the {working.get_status_display()} claim"
    return "changes the draft that is there"


def _to_review(draft: Claim, by, note: str) -> None:
    if draft.status == Status.DRAFT:
        submit(draft, by=by, note=note)
    else:
        with revision():  # whose comment is that of the import
            note_step(draft, Status.REVIEW, by=by, note=note)


def _told(field: Any) -> str:
    if field.is_relation:
        return f"The slug of the {field.related_model._meta.verbose_name}. {field.help_text}"
    if field.choices:
        return f"One of: {', '.join(key for key, _ in field.flatchoices)}. {field.help_text}"
    return field.help_text
