"""The forms in which a text is brought in: the text itself, and what is known of a new source."""

from pathlib import Path

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import slugify

from kb.cutting import UnfitText
from kb.extracting import MAX_TEXT, Brought, from_file, from_page, from_paste
from kb.locating import locate, nearest
from kb.models import Source

from .spans import missed

PAGES, PLAIN = (".html", ".htm"), (".txt",)
AT_MOST = (
    f"more than {MAX_TEXT // 2**20} MB. Bring it in by parts, each as a source of its own, or "
    "leave out what nobody will cite."
)


class TextForm(forms.Form):
    """``brought`` holds the text once the form is valid."""

    brought: Brought

    text = forms.CharField(
        label="Paste the text",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 16, "class": "vLargeTextField kb-exact"}),
        help_text="A paragraph a line. It is kept as it is.",
    )
    is_page = forms.BooleanField(
        label="This is the source of an HTML page: take its main text", required=False
    )
    file = forms.FileField(
        label="Or upload a file",
        required=False,
        widget=forms.FileInput(attrs={"accept": ",".join([*PLAIN, *PAGES])}),
        help_text="Plain text (.txt, UTF-8), kept byte for byte, or an HTML page (.html), of which "
        f"the main text is taken. At most {MAX_TEXT // 2**20} MB.",
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["text"].validators = []  # ``cutting.read`` says it better, and where.

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        text, file = cleaned.get("text"), cleaned.get("file")
        if self.errors:
            return cleaned
        if bool(text) == bool(file):
            raise ValidationError("Paste a text or choose a file: one of the two.")
        try:
            self.brought = self._of_file(file) if file else self._of_paste(str(text))
        except UnfitText as error:
            self.add_error("file" if file else "text", str(error))
        return cleaned

    def _of_file(self, file) -> Brought:
        """A file that is too large is not read."""
        kind = Path(file.name).suffix.lower()
        if kind not in (*PAGES, *PLAIN):
            raise UnfitText(
                f"“{file.name}” is neither a .txt nor an .html file: open it where it was made, "
                "save it as plain text (UTF-8) and choose that."
            )
        if file.size > MAX_TEXT:
            raise UnfitText(f"“{file.name}” has {AT_MOST}")
        raw = file.read()
        return from_page(raw) if kind in PAGES else from_file(raw)

    def _of_paste(self, text: str) -> Brought:
        brought = from_page(text) if self.cleaned_data["is_page"] else from_paste(text)
        if len(brought.text.encode()) > MAX_TEXT:
            raise UnfitText(f"The text has {AT_MOST}")
        return brought


class DescriptionForm(forms.ModelForm):
    url = forms.URLField(
        label="Published at",
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"class": "vURLField"}),
    )
    slug = forms.SlugField(
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="The source's address, which stays. Left empty, it is made from the title.",
    )
    siglum = forms.CharField(
        required=False,
        max_length=4,
        validators=Source._meta.get_field("siglum").validators,
        help_text="The letter that stands for the source. Left empty, it is the next free one.",
    )

    class Meta:
        model = Source
        fields = [
            *("title", "title_supplied", "slug", "siglum"),
            *("publisher", "url", "language", "rights"),
        ]
        widgets = {
            "title": forms.TextInput(attrs={"class": "vTextField kb-wide"}),
            "publisher": forms.TextInput(attrs={"class": "vTextField"}),
            "rights": forms.TextInput(attrs={"class": "vTextField"}),
        }

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("title") and "slug" in cleaned and not cleaned["slug"]:
            cleaned["slug"] = slugify(cleaned["title"])[:100].strip("-")
            if not cleaned["slug"]:
                self.add_error("slug", "The title gives none: write one in Latin letters.")
        return cleaned

    def described(self) -> dict[str, object]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


def place_of(words: str, text: str) -> int:
    """The one offset in ``text`` at which ``words`` begin, as ``locate`` finds them.

    Raises ValidationError: they stand there not at all, or more than once.
    """
    words = words.strip()
    if not words:
        raise ValidationError("Write the words before which it should be split.")
    found = locate(text, words)
    if place := found.at(None):
        return place.start
    if found.places:
        raise ValidationError(
            f"These words stand {len(found.places)} times in this paragraph: write more of the "
            "words that follow."
        )
    raise ValidationError(missed(words, nearest(words, text)))
