"""How themes are typed, which there are, and who may add one."""

from taggit.models import Tag
from taggit.utils import _parse_tags

ADD_THEME = "taggit.add_tag"
ASK = "ask for it: adding a theme needs a permission that you don't have"


def by_commas(typed: str) -> list[str]:
    """Names with commas between; one that has a comma stands in quotation marks.

    By taggit's own rule, but that without a comma it tears a name of several words into words.
    """
    return _parse_tags(f"{typed},")


def known_themes() -> dict[str, str]:
    """Each theme's name, by the same whichever way it is capitalised. One query."""
    return {name.casefold(): name for name in Tag.objects.values_list("name", flat=True)}
