"""The forms of a claim. A draft that somebody else changed meanwhile is not saved over theirs."""

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError
from taggit.models import Tag

from kb.models import Claim
from kb.theming import ASK, known_themes

from .base import EditorsForm
from .meanwhile import CODE, sent_with


class ClaimForm(EditorsForm):
    may_add_themes = True

    class Meta:
        labels = {"note": "Our note on the claim"}
        help_texts = {"note": "Public, below the claim: how the words are read, or what they lack."}
        widgets = {
            "title": forms.TextInput(attrs={"class": "vTextField kb-wide"}),
            "sentence": forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
            "note": forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if tags := self.fields.get("tags"):
            tags.widget.attrs["class"] = "vTextField kb-wide"
            used = ", ".join(f'"{name}"' if "," in name else name for name in _themes())
            tags.help_text = (
                f"Separated by commas; one that has a comma, in quotation marks. {used}"
            )

    def clean(self):
        """Refuses to save over what somebody else stored while this form was open, once."""
        cleaned = super().clean()
        seen = sent_with(self.data)
        if seen and not seen.is_stored(self.instance.pk):
            raise ValidationError(
                "Somebody changed this while you had it open. Nothing was saved yet: what you "
                "typed is below. Save again to put yours in place of theirs.",
                code=CODE,
            )
        return cleaned

    def clean_tags(self):
        longest = Tag._meta.get_field("name").max_length
        if any(len(name) > longest for name in self.cleaned_data["tags"]):
            raise ValidationError(
                f"A theme has at most {longest} letters; commas go between themes."
            )
        known = {} if self.may_add_themes else known_themes()
        for name in self.cleaned_data["tags"]:
            if not self.may_add_themes and name.casefold() not in known:
                raise ValidationError(f"There is no theme “{name}”. Correct it, or {ASK}.")
        return self.cleaned_data["tags"]

    def clean_slug(self):
        slug = self.cleaned_data["slug"]
        if other := Claim.objects.filter(slug=slug).exclude(pk=self.instance.pk).first():
            raise ValidationError(
                f"“{other}” ({other.kind}, {other.get_status_display()}) has this slug: "
                "choose another."
            )
        return slug


def _themes() -> Iterable[str]:
    return Tag.objects.order_by("name").values_list("name", flat=True)


class WithdrawalForm(forms.Form):
    reason = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text="The public reads it at the claim's address.",
        error_messages={"required": "A withdrawal needs a reason, which the public sees."},
    )


class NoteForm(forms.Form):
    """The public note on the edition that a publication makes."""

    edition_note = forms.CharField(max_length=300, required=False)


class StepForm(forms.Form):
    """What an editor says to the others on sending a claim to review, or back."""

    step_note = forms.CharField(max_length=1000, required=False)

    @classmethod
    def note_in(cls, data) -> str:
        """Raises ValidationError for one that is too long."""
        form = cls(data)
        if not form.is_valid():
            raise ValidationError([f"Your note: {e}" for e in form.errors["step_note"]])
        return form.cleaned_data["step_note"]
