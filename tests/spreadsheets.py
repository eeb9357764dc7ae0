"""Spreadsheets of claims, as an editor sends and gets them; and what is then said."""

import csv
import io

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile

from organizations.models import Membership, Organization
from principles.models import Principle, Quotation

from .admin_forms import address

TEXT = "Peace is the aim of peace.\nA second paragraph, said “Baku”."


def page(model, name: str) -> str:
    return address(model(), "changelist") + f"{name}/"


def export(client, model, kind="csv", query="") -> bytes:
    response = client.post(page(model, "export") + query, {"format": "01"[kind == "xlsx"]})
    assert response["Content-Disposition"].endswith(f'.{kind}"')
    return response.content


def cells(xlsx: bytes) -> list[tuple]:
    return list(openpyxl.load_workbook(io.BytesIO(xlsx)).worksheets[0].values)


def rows_of(exported: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported.decode("utf-8-sig"), newline="")))


def preview(client, model, content: bytes, name="claims.csv", **fields):
    upload = SimpleUploadedFile(name, content)
    sent = {"csrfmiddlewaretoken": "as a browser sends it", "import_file": upload, **fields}
    return client.post(page(model, "import"), sent)


def confirm(client, model, previewed, **fields):
    sent = previewed.context["confirm_form"].initial
    return client.post(page(model, "process_import"), {**sent, **fields}, follow=True)


def bring_in(client, model, content: bytes, name="claims.csv", **fields):
    previewed = preview(client, model, content, name, **fields)
    assert "confirm_form" in previewed.context, previewed.context["form"].errors or faults(
        previewed
    )
    return confirm(client, model, previewed)


def faults(previewed) -> dict[tuple[int, str], list[str]]:
    """(row, column) → what is said to be wrong."""
    assert "confirm_form" not in previewed.context
    return {
        (row.number, column): messages
        for row in previewed.context["result"]
        for column, messages in row.faults.items()
    }


def refusal(previewed) -> str:
    assert "confirm_form" not in previewed.context
    return " ".join(previewed.context["form"].errors["import_file"])


def table(model=Principle, *rows: dict[str, str], delimiter=",") -> bytes:
    """A CSV with all columns of the kind; what a row doesn't name is empty."""
    own = {Quotation: ["mode", "leader", "speaker_name"], Organization: ["identity", "reference"]}
    names = ["slug", "title", "sentence", "note", *own.get(model, [])]
    if model is Membership:
        names += ["organization", "degree"]
    out = io.StringIO()
    writer = csv.DictWriter(
        out, [*names, "themes", "about", "citations"], restval="", delimiter=delimiter
    )
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def row(slug="peace", **fields) -> dict[str, str]:
    return {
        "slug": slug,
        "title": "Peace",
        "sentence": "It names peace.",
        "citations": 'policy p1 "Peace"',
        **fields,
    }
