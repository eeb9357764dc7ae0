"""The editors' side: every model, within Django's admin.

Read in this order: ``base`` (what all share), ``spans`` (forms for words of a paragraph),
``listing``, ``states`` (the history of drafts), ``claims`` (drafts, publication, withdrawal),
``sentences``, ``texts``, ``themes``, ``history``, ``correcting``, ``deciding``.
"""

from . import correcting, history, texts, themes
from .claims import ClaimAdmin

__all__ = ["ClaimAdmin", "correcting", "history", "texts", "themes"]
