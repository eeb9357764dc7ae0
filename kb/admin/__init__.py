"""The editors' side: every model, within Django's admin.

Read in this order: ``base`` (what all share), ``spans`` (forms for words of a paragraph),
``listing``, ``states`` (the history of drafts), ``claims`` (drafts, publication, withdrawal),
``sentences``, ``texts``, ``bringing`` and ``intake`` (a text on its way in), ``themes``,
``history``, ``correcting``, ``deciding``.
"""

from . import correcting, history, intake, texts, themes
from .claims import ClaimAdmin

__all__ = ["ClaimAdmin", "correcting", "history", "intake", "texts", "themes"]
