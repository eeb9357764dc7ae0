"""Sources side by side: what each says of every claim."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from ..bulk.cells import escaped
from ..concordance import BOTH, NAMES, ONE, Cell, Section, row_kinds, sections
from ..coverage import read
from ..models import Source, Transcription
from ..parallel import shared, side_by_side
from .reading import SLUG

MOST = 6  # sources beside one another


@dataclass(frozen=True)
class Asked:
    """What a reader chose; ``url`` says it."""

    sources: list[Source]
    is_default: bool
    kind: str = ""
    show: str = ""
    after: str = ""

    def url(self, address: str = "compare", **changes: str) -> str:
        """With ``changes`` of kind, show and after; from the beginning, if they don't say after."""
        chosen = [] if self.is_default else [("source", source.slug) for source in self.sources]
        rest = {"kind": self.kind, "show": self.show, **changes}
        query = urlencode([*chosen, *((name, value) for name, value in rest.items() if value)])
        return reverse(address) + (f"?{query}" if query else "")


def asked(request: HttpRequest, sources: Sequence[Source], most: int = MOST) -> Asked:
    """Without a choice the first two sources; beside one alone the first other one.

    Raises Http404, with what is wrong, for what there is not.
    """
    given = request.GET
    by_slug = {source.slug: source for source in sources}
    slugs = list(dict.fromkeys(given.getlist("source")))
    if unknown := [slug for slug in slugs if slug not in by_slug]:
        raise Http404(f"There is no source called “{unknown[0][:100]}”.")
    if len(slugs) > most:
        raise Http404(f"At most {most} sources stand side by side: choose fewer.")
    others = [slug for slug in by_slug if slug not in slugs]
    chosen = [by_slug[slug] for slug in [*slugs, *others[: max(0, 2 - len(slugs))]]]
    kind, show = given.get("kind", ""), given.get("show", "")
    if kind and kind not in row_kinds():
        raise Http404("There is no such kind of claim to compare.")
    if show not in ("", BOTH, ONE, NAMES):
        raise Http404("The rows can’t be narrowed to that.")
    after = given.get("after", "") if kind else ""
    if after and not SLUG.fullmatch(after):
        raise Http404("No claim can be called that.")
    return Asked(chosen, not slugs, kind, show, after)


def compare(request: HttpRequest) -> HttpResponse:
    """Four queries: the sources, the transcriptions with counts, claims and citations."""
    sources = list(Source.objects.all())
    wanted = asked(request, sources)
    columns, found = _table(wanted)
    for section in found:
        if section.last:
            section.next_url = wanted.url(kind=section.kind, after=section.last.slug)
    context = {
        "asked": wanted,
        "sources": sources,
        "columns": columns,
        "sections": found,
        "filters": _filters(wanted, columns),
        "most": MOST,
        "all_url": wanted.url(kind="", show=""),
        "reading_url": replace(wanted, sources=wanted.sources[:2], kind="", show="").url("reading"),
        "csv_url": wanted.url("compare-csv", after=wanted.after),
    }
    return render(request, "kb/compare.html", context)


def table(request: HttpRequest) -> HttpResponse:
    """The rows of the page as CSV, a row a claim, two cells a source. Four queries, as above."""
    wanted = asked(request, list(Source.objects.all()))
    columns, found = _table(wanted)
    out = StringIO(newline="")
    rows = csv.writer(out)
    heads = [head for t in columns for head in (f"{t.source}: words", f"{t.source}: places")]
    rows.writerow(map(escaped, ["kind", "claim", "address", *heads]))
    for section in found:
        for row in section.rows:
            address = request.build_absolute_uri(row.claim.permanent_url)
            told = (text for cell in row.cells for text in _told(cell))
            rows.writerow(map(escaped, [row.claim.kind, row.claim.title, address, *told]))
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="compare.csv"'
    return response


def reading(request: HttpRequest) -> HttpResponse:
    """Two sources next to each other. Four queries: the sources, and three of ``read``."""
    sources = list(Source.objects.all())
    wanted = asked(request, sources, most=2)
    current = Transcription.objects.current().filter(source__in=wanted.sources)
    reads = sorted(read(current), key=lambda found: wanted.sources.index(found.source))
    claims = shared(reads) if len(reads) == 2 else []
    context = {
        "asked": wanted,
        "sources": sources,
        "reads": reads,
        "columns": [found.transcription for found in reads],
        "steps": side_by_side(reads, claims) if len(reads) == 2 else [],
        "claims": claims,
        "compare_url": wanted.url(),
    }
    return render(request, "kb/compare_reading.html", context)


def _told(cell: Cell) -> tuple[str, str]:
    """A cell's words, a line each, and the paragraph of each."""
    if not cell.speaks:
        unread = f"no passage cited; {cell.current.open_count} sentences unread"
        return "silent" if cell.is_silent else unread, ""
    told = [(words.exact, c) for words in cell.all_words for c in words.citations]
    return (
        "\n".join(exact for exact, _ in told),
        "\n".join(f"¶ {c.paragraph.label}" for _, c in told),
    )


def _table(wanted: Asked) -> tuple[list[Transcription], list[Section]]:
    """The chosen sources, in the order of the choice, and what they say. Three queries."""
    current = Transcription.objects.current().filter(source__in=wanted.sources).with_counts()
    by_source = {transcription.source_id: transcription for transcription in current}
    columns = [by_source[source.pk] for source in wanted.sources if source.pk in by_source]
    if len(columns) < 2:
        return columns, []
    return columns, sections(columns, kind=wanted.kind, show=wanted.show, after=wanted.after)


def _filters(wanted: Asked, columns: Sequence[Transcription]) -> list[dict[str, Any]]:
    """The choices, each with its address; that of a chosen one is without it."""
    are_read = not any(transcription.open_count for transcription in columns)
    shows = {
        BOTH: "where both speak" if len(columns) == 2 else "where all speak",
        ONE: "where one is silent" if are_read else "where one is not cited",
        NAMES: "where names differ",
    }
    kinds = {kind: model.public_plural for kind, model in row_kinds().items()}
    return [
        {
            "label": label,
            "choices": [
                {
                    "text": text,
                    "is_chosen": (chosen := getattr(wanted, name) == value),
                    "url": wanted.url(**{name: "" if chosen else value}),
                }
                for value, text in choices.items()
            ],
        }
        for label, name, choices in (("Only", "show", shows), ("Only the", "kind", kinds))
    ]
