"""``manage.py load_kb`` with bad fixtures: file, record and field are named, nothing is loaded."""

import copy
import hashlib

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from taggit.models import Tag

from kb.models import Citation, Claim, Edition, Paragraph, Source, Transcription

from .attempts import content_version, exported, rewritten, write
from .records import TEXT, added, dropped, find, left_out, updated


def _retext(records, text):
    """Another text of the first paragraph, with its hash."""
    find(records, "kb.paragraph", number=1)["text"] = text
    raw = (text + "\n" + find(records, "kb.paragraph", number=2)["text"]).encode()
    find(records, "kb.transcription")["sha256"] = hashlib.sha256(raw).hexdigest()
    dropped("kb.note", start=6)(records)
    find(records, "kb.note").update(start=6, end=8, exact="is")
    find(records, "kb.citation", claim=["peace"]).update(start=6, end=8, exact="is")


BAD = {
    "a quote that is not in its paragraph": (
        updated("kb.citation", {"exact": "Piece"}, claim=["peace"]),
        r"5-principles.yaml, record 3 \(line \d+, kb.citation peace policy 1 p1 0 5\): "
        "exact: “Piece” is not in the paragraph",
    ),
    "a quote that is near": (
        updated(
            "kb.citation", {"exact": "Peace is the  aim", "end": 17, "start": 0}, claim=["aim"]
        ),
        "exact: .*; it reads “Peace is the aim”",
    ),
    "a quote that stands elsewhere": (
        updated("kb.citation", {"start": 1, "end": 6}, claim=["peace"]),
        "start: at 1-6 the paragraph reads “eace ”; “Peace” is 0-5",
    ),
    "a note's words": (updated("kb.note", {"exact": "War"}), "kb.note.*exact: “War” is not in"),
    "a missing claim": (
        updated("kb.citation", {"claim": ["nobody"]}, claim=["peace"]),
        "claim: there is no claim “nobody”",
    ),
    "a missing paragraph": (
        updated("kb.citation", {"paragraph": ["policy", 1, "p9"]}, claim=["peace"]),
        "paragraph: there is no paragraph “policy 1 p9”",
    ),
    "a missing leader": (
        updated("principles.quotation", {"leader": ["nobody"]}),
        "6-quotations.yaml.*principles.quotation words.*leader: there is no leader “nobody”",
    ),
    "a leader that is a principle": (
        updated("principles.quotation", {"leader": ["peace"]}),
        "leader: there is no leader “peace”",
    ),
    "a missing organization": (
        updated("organizations.membership", {"organization": ["nobody"]}),
        "organization: there is no organization “nobody”",
    ),
    "a missing theme": (
        updated("kb.taggedclaim", {"tag": ["None"]}, tag=["Ends"]),
        "tag: there is no tag “None”",
    ),
    "a missing subject": (
        updated("kb.claim", {"about": [["peace"], ["nobody"]]}, slug="words"),
        "about: there is no claim “nobody”",
    ),
    "a subject that is no list": (
        updated("kb.claim", {"about": ["peace"]}, slug="words"),
        "about: there is no claim “peace”",
    ),
    "subjects that are no list": (
        updated("kb.claim", {"about": "peace"}, slug="words"),
        "about: a list of natural keys is expected",
    ),
    "a subject out of shape": (
        updated("kb.claim", {"about": [[["peace"]]]}, slug="words"),
        "about: there is no claim",
    ),
    "a subject that is a mapping": (
        updated("kb.claim", {"about": [[{"slug": "peace"}]]}, slug="words"),
        "about: there is no claim",
    ),
    "a duplicate slug": (
        lambda records: records["7-statements.yaml"].append(
            copy.deepcopy(records["5-principles.yaml"][0])
        ),
        r"7-statements.yaml, record \d+ \(line \d+, kb.claim peace\): slug: stands already in "
        r"5-principles.yaml, record 1 \(line 1\)",
    ),
    "a citation twice": (
        lambda records: records["5-principles.yaml"].append(
            {"model": "kb.citation", "fields": dict(find(records, "kb.citation", claim=["peace"]))}
        ),
        "kb.citation peace policy 1 p1 0 5.*stands already in 5-principles.yaml, record 3",
    ),
    "an unknown field": (
        updated("kb.claim", {"headline": "x"}, slug="peace"),
        "headline: there is no such field; there are: .*title",
    ),
    "a field of a child": (
        updated("principles.quotation", {"title": "x"}),
        "title: there is no such field; there are: claim_ptr, mode",
    ),
    "an unknown model": (
        added("5-principles.yaml", "kb.belief"),
        "5-principles.yaml, record 5 .*model: “kb.belief” has no place",
    ),
    "a model without content": (
        added("5-principles.yaml", "kb.edition", number=7, kind="load"),
        "model: “kb.edition” has no place",
    ),
    "a record that is a word": (
        lambda records: records["5-principles.yaml"].append("peace"),
        "5-principles.yaml, record 5 .*a record has a model and fields",
    ),
    "a record without fields": (
        lambda records: records["5-principles.yaml"].append({"model": "kb.claim"}),
        "a record has a model and fields",
    ),
    "a bad choice": (
        updated("organizations.membership", {"degree": "honorary"}),
        "organizations.membership in-body.*degree: Value 'honorary' is not a valid choice",
    ),
    "a bad role": (
        updated("kb.citation", {"role": "proof"}, claim=["peace"]),
        "role: Value 'proof' is not a valid choice",
    ),
    "a bad address": (updated("kb.source", {"url": "policy"}), "url: Enter a valid URL"),
    "a long title": (
        updated("kb.claim", {"title": "x" * 201}, slug="peace"),
        "title: .*at most 200 characters",
    ),
    "no title": (
        left_out("kb.claim", "title", slug="peace"),
        "title: This field cannot be blank",
    ),
    "a null": (updated("kb.claim", {"note": None}, slug="peace"), "note: .*cannot be null"),
    "a number for a title": (
        updated("kb.claim", {"title": 1.0}, slug="peace"),
        "title: text is expected: put it in quotation marks",
    ),
    "a yes for a title": (
        updated("kb.claim", {"title": True}, slug="peace"),
        "title: text is expected: put it in quotation marks",
    ),
    "a number for a slug": (
        updated("kb.claim", {"slug": 1991}, slug="peace"),
        "slug: text is expected: put it in quotation marks",
    ),
    "a list for a slug": (updated("kb.claim", {"slug": ["x"]}, slug="peace"), "slug: "),
    "a mapping for a slug": (updated("kb.claim", {"slug": {"x": 1}}, slug="peace"), "slug: "),
    "a text for an offset": (
        updated("kb.citation", {"start": "0"}, claim=["peace"]),
        "start: a whole number is expected",
    ),
    "a fraction for an offset": (
        updated("kb.citation", {"start": 0.5}, claim=["peace"]),
        "start: a whole number is expected",
    ),
    "a negative offset": (
        updated("kb.citation", {"start": -1}, claim=["peace"]),
        "start: Ensure this value is greater than or equal to 0",
    ),
    "an absurd offset": (
        updated("kb.citation", {"start": 10**30, "end": 10**30 + 5}, claim=["peace"]),
        "start: Ensure this value is less than",
    ),
    "an end that does not fit": (
        updated("kb.citation", {"end": 4}, claim=["peace"]),
        "start: at 0-4 the paragraph reads “Peac”; “Peace” is 0-5",
    ),
    "an empty quote": (
        updated("kb.citation", {"exact": "", "end": 0}, claim=["peace"]),
        "exact: This field cannot be blank",
    ),
    "no place": (
        left_out("kb.citation", "start", claim=["peace"]),
        "start: This field cannot be null",
    ),
    "a paragraph that is a word": (
        updated("kb.citation", {"paragraph": "p1"}, claim=["peace"]),
        "paragraph: a natural key is expected",
    ),
    "a paragraph that is empty": (
        updated("kb.sentence", {"paragraph": []}),
        "paragraph: a natural key is expected",
    ),
    "a paragraph with a mapping in it": (
        updated("kb.citation", {"paragraph": ["policy", 1, {"p": 1}]}, claim=["peace"]),
        "kb.citation unnamed.*the fields that identify it are missing or out of shape",
    ),
    "a NUL": (
        updated("kb.claim", {"note": "a\0b"}, slug="peace"),
        "note: .*U\\+0000|5-principles.yaml: can't be read",
    ),
    "a NUL in a text": (
        updated("kb.paragraph", {"text": "a\0b"}, number=2),
        "text: .*U\\+0000",
    ),
    "half a surrogate pair": (
        updated("kb.source", {"note": "\ud800"}),
        "note: .*U\\+D800",
    ),
    "a wrong hash": (
        updated("kb.transcription", {"sha256": "0" * 64}),
        "1-policy.json, record 2 .*kb.transcription policy 1.*"
        "sha256: the pieces joined have the SHA-256 [0-9a-f]{64}, not 0{64}",
    ),
    "a text that was mended": (
        updated("kb.paragraph", {"text": TEXT.split("\n")[0] + " "}, number=1),
        "sha256: the pieces joined have",
    ),
    "a hash that is none": (
        updated("kb.transcription", {"sha256": "c2105"}),
        "1-policy.json, record 2.*sha256",
    ),
    "words set aside and cited": (
        updated("kb.note", {"sets_aside": True}, start=0),
        "kb.note policy 1 p1 0 5.*sets_aside: set aside, but a published claim rests on it",
    ),
    "set aside and cited": (
        updated("kb.sentence", {"reason": "Empty."}, paragraph=["policy", 1, "p1"], number=1),
        "kb.sentence policy 1 p1.s1.*reason: set aside, but a published claim rests on it",
    ),
    "a sentence past its paragraph": (
        updated("kb.sentence", {"end": 99}, number=2),
        "kb.sentence.*end: 18-99 is no span of a paragraph of 26 code points",
    ),
    "a missing child": (
        dropped("principles.principle"),
        "kb.claim peace.*kind: there is no principles.principle for it",
    ),
    "a child of another kind": (
        added("5-principles.yaml", "principles.statement", claim_ptr=["peace"]),
        "principles.statement peace.*claim_ptr: the claim is no statement",
    ),
    "an unknown kind": (
        updated("kb.claim", {"kind": "belief"}, slug="peace"),
        "kind: “belief” is no kind; there are: .*principle",
    ),
    "a draft": (
        updated("kb.claim", {"status": "draft"}, slug="peace"),
        "status: fixtures hold published and withdrawn claims",
    ),
    "no status": (
        left_out("kb.claim", "status", slug="peace"),
        "status: fixtures hold published and withdrawn claims",
    ),
    "a status that is none": (
        updated("kb.claim", {"status": "public"}, slug="peace"),
        "status: Value 'public' is not a valid choice|status: fixtures hold",
    ),
    "withdrawn without a reason": (
        left_out("kb.claim", "withdrawal_reason", slug="gone"),
        "kb.claim gone.*withdrawal_reason: a withdrawn claim has one",
    ),
    "a reason without a withdrawal": (
        updated("kb.claim", {"withdrawal_reason": "x"}, slug="peace"),
        "kb.claim peace.*withdrawal_reason: .* no other has",
    ),
    "a control character in a text": (
        lambda records: _retext(records, "Peace\x0bis the aim. Not war."),
        r"sha256: The text has a control character, U\+000B, in line 1",
    ),
    "a paragraph that came late": (
        added(
            "1-policy.json",
            "kb.paragraph",
            transcription=["policy", 1],
            position=3,
            kind="heading",
            number=9,
            text="x",
        ),
        "kb.paragraph policy 1 h9.*text: the pieces joined have|sha256: the pieces joined have",
    ),
    "a sentence that is missing": (
        dropped("kb.sentence", number=1),
        "kb.paragraph policy 1 p1.*“.*” is in no sentence, or in two",
    ),
    "no citation": (
        dropped("kb.citation", claim=["peace"]),
        "kb.claim peace.*status: No citation",
    ),
    "no speaker": (
        updated("kb.citation", {"role": "evidence"}, role="speaker", position=2),
        "kb.claim words.*status: No citation says who speaks",
    ),
    "no quotation marks": (
        updated("principles.quotation", {"mode": "direct"}),
        "status: “A second paragraph” does not stand in quotation marks",
    ),
    "two speakers": (
        updated("principles.quotation", {"speaker_name": "Baku"}),
        "principles.quotation words.*(one_speaker|one of the two)",
    ),
    "a letter twice": (
        lambda records: records.update(
            {
                "1-other.json": [
                    {
                        "model": "kb.source",
                        "fields": {"slug": "other", "siglum": "A", "title": "Other"},
                    }
                ]
            }
        ),
        "(1-policy|1-other).json.*kb.source.*siglum",
    ),
    "two paragraphs in one place": (
        updated("kb.paragraph", {"position": 1}, number=2),
        "kb.paragraph policy 1 p2.*position",
    ),
    "a quoted draft": (
        updated("kb.claim", {"slug": "peace~draft"}, slug="peace"),
        "slug: Enter a valid “slug”",
    ),
}


@pytest.mark.parametrize(("change", "says"), BAD.values(), ids=BAD)
def test_bad_fixtures_load_nothing_and_are_named(load, records, change, says):
    change(records)
    with pytest.raises(CommandError, match=says) as error:
        load(records)
    assert "Nothing was loaded: mend " in str(error.value)
    for model in (Source, Paragraph, Claim, Citation, Tag, Edition):
        assert not model.objects.exists()


REACHING = (  # Some that are found before the base is touched, and those found after.
    "a quote that is not in its paragraph",
    "a duplicate slug",
    "set aside and cited",
    "a paragraph that came late",
    "no citation",
    "two speakers",
    "a letter twice",
)


@pytest.mark.parametrize("change", [BAD[name][0] for name in REACHING], ids=REACHING)
def test_bad_fixtures_change_nothing_of_a_loaded_base(load, records, change):
    load(records)
    before = exported(), content_version()
    change(records)
    with pytest.raises(CommandError):
        load(records)
    with pytest.raises(CommandError) as error:
        load(records, "--overwrite")
    assert "Nothing was loaded: mend " in str(error.value)
    assert (exported(), content_version()) == before


def test_a_text_of_the_base_does_not_change(load, records):
    load(records)
    paragraph = find(records, "kb.paragraph", number=2)
    paragraph["text"] += " More."
    with pytest.raises(
        CommandError, match=r"kb.paragraph policy 1 p2.*a transcription never changes"
    ):
        load(records)
    assert Transcription.objects.get().text() == TEXT


def test_a_claim_of_the_base_keeps_its_kind(load, records):
    load(records)
    find(records, "kb.claim", slug="peace")["kind"] = "statement"
    next(r for r in records["5-principles.yaml"] if r["model"] == "principles.principle")[
        "model"
    ] = "principles.statement"
    with pytest.raises(
        CommandError, match=r"kb.claim peace.*kind: a claim does not change its kind"
    ):
        load(records)
    assert Claim.objects.get(slug="peace").specific()._meta.model_name == "principle"


def test_every_fault_is_named_at_once(load, records):
    find(records, "kb.citation", claim=["peace"])["exact"] = "Piece"
    find(records, "kb.citation", claim=["aim"])["exact"] = "dim"
    find(records, "kb.note")["exact"] = "x"
    with pytest.raises(CommandError) as error:
        load(records)
    lines = str(error.value).splitlines()
    assert len(lines) == 4
    assert lines[-1] == "Nothing was loaded: mend 3 faults first."
    assert [line.split(",")[0] for line in lines[:3]] == [
        "1-policy.json",
        "5-principles.yaml",
        "7-statements.yaml",
    ]


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("8-more.yaml", "- model: [", "(?s)8-more.yaml: can't be read: .*line 1"),
        ("8-more.yaml", "model: kb.claim", "8-more.yaml: .*a list of records was expected"),
        ("8-more.yaml", "peace", "8-more.yaml: .*a list of records was expected"),
        ("8-more.yaml", "- &a [*a]\n- !!python/none x", "8-more.yaml"),
        ("8-more.yaml", "- a\n---\n- b\n", "8-more.yaml: can't be read"),
        (
            "8-more.yaml",
            "- model: kb.claim\n  fields: {note: \x07}\n",
            "8-more.yaml: can't be read",
        ),
        ("8-more.json", "[{]", "8-more.json: can't be read: .*line 1 column 3"),
        ("8-more.json", '{"model": "kb.claim"}', "8-more.json: .*a list of records was expected"),
        ("8-more.json", "", "8-more.json: can't be read"),
        ("8-more.json", b"[\xff]", "8-more.json: can't be read: .*utf-8"),
    ],
)
def test_a_broken_file_is_named(load, records, tmp_path, name, text, says):
    rewritten(tmp_path, records)
    (tmp_path / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(CommandError, match=says):
        load()
    assert not Source.objects.exists()


def test_the_line_is_where_the_record_begins(load, tmp_path):
    write(
        tmp_path,
        {
            "1.yaml": "# A note.\n\n- model: taggit.tag\n  fields: {name: A, slug: a}\n\n"
            "- model: taggit.tag\n  fields:\n    slug: b\n"
        },
    )
    with pytest.raises(
        CommandError, match=r"1.yaml, record 2 \(line 6, taggit.tag unnamed\): name"
    ):
        load()


def test_a_directory_without_fixtures_is_named(db, tmp_path):
    for directory in (tmp_path, tmp_path / "missing"):
        with pytest.raises(CommandError, match="no fixture files"):
            call_command("load_kb", directory)
