"""Django's loaddata; claims that a fixture publishes go through the door, as one edition."""

from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import CommandError
from django.core.management.commands import loaddata

from kb.content.loading import is_as_loaded, mark_as_loaded
from kb.content.records import FROZEN
from kb.models import Claim, Edition, Paragraph, Source
from kb.publishing import next_edition, seal, unpublished_references
from kb.revisions import record, revision
from kb.search.index import follow_texts
from kb.textcheck import index


class Command(loaddata.Command):
    help = loaddata.Command.help + " Published claims are recorded as one edition."

    def loaddata(self, fixture_labels):
        self.has_texts = False
        self.to_seal: dict[str, tuple[str, str]] = {}
        unedited = is_as_loaded()
        with revision("Loaded from the fixtures"):
            super().loaddata(fixture_labels)
            if self.to_seal:
                self._seal()
            follow_texts(Source.objects.all())
            if self.has_texts:
                index.rebuild()
        if unedited:
            mark_as_loaded()

    def save_obj(self, obj):
        claim = obj.object
        if type(claim) is Claim and claim.is_frozen:
            same = Claim.objects.using(self.using).filter(pk=claim.pk)
            stored = same.values_list("status", flat=True).first()
            if claim.status != stored:
                self.to_seal[claim.slug] = (claim.status, claim.withdrawal_reason)
                claim.status = Claim.UNLOCKED if stored in FROZEN else Claim.Status.DRAFT
                claim.withdrawal_reason = ""
        saved = super().save_obj(obj)
        self.has_texts |= isinstance(claim, Paragraph)
        if isinstance(claim, Claim):
            record(claim.pk)
        return saved

    def _seal(self) -> None:
        edition = next_edition(Edition.Kind.LOAD, note="The curated content was loaded.")
        for slug, (status, reason) in self.to_seal.items():
            claim = Claim.objects.get(slug=slug)
            if status == Claim.Status.PUBLISHED:
                self._refuse(slug, self._specific(claim).problems())
            seal(claim, edition, status, reason=reason)
        for slug in self.to_seal:  # Now that all that are to be public are.
            claim = self._specific(Claim.objects.get(slug=slug))
            self._refuse(slug, unpublished_references(claim))

    def _specific(self, claim: Claim) -> Claim:
        try:
            return claim.specific()
        except ObjectDoesNotExist:
            raise CommandError(
                f"{claim.slug}: it has no {claim.kind} record. Nothing was loaded."
            ) from None

    def _refuse(self, slug: str, problems: list[str]) -> None:
        if problems:
            raise CommandError(f"{slug}: {' '.join(problems)} Nothing was loaded.")
