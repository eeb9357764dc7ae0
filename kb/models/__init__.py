"""The core: a source is cut into paragraphs; a citation binds a claim to a span of a paragraph.

Read in this order: ``sources``, ``spans``, ``citations``, ``claims``, ``editions``, ``workflow``,
``searching``.
"""

from .citations import Citation
from .claims import Claim, TaggedClaim, parent_link
from .editions import ContentVersion, Edition, Publication, PublishedWords
from .searching import Entry, Word
from .sources import Paragraph, Sentence, Source, Transcription
from .spans import Note, TextSpan
from .workflow import Carry, Intake, Proof, Revised, Step

__all__ = [
    "Carry",
    "Citation",
    "Claim",
    "ContentVersion",
    "Edition",
    "Entry",
    "Intake",
    "Note",
    "Paragraph",
    "Proof",
    "Publication",
    "PublishedWords",
    "Revised",
    "Sentence",
    "Source",
    "Step",
    "TaggedClaim",
    "TextSpan",
    "Transcription",
    "Word",
    "parent_link",
]
