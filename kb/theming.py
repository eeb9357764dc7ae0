"""How themes are typed."""

from taggit.utils import _parse_tags


def by_commas(typed: str) -> list[str]:
    """Names with commas between; one that has a comma stands in quotation marks.

    By taggit's own rule, but that without a comma it tears a name of several words into words.
    """
    return _parse_tags(f"{typed},")
