"""Reading a page as a reader does."""

from html import unescape


def read(client, url: str, status: int = 200) -> str:
    """The page at ``url``, unescaped; the same bytes for everybody, so no cookie in or out."""
    response = client.get(url)
    assert response.status_code == status, f"{url}: {response.status_code}"
    assert "Cookie" not in response.get("Vary", "")
    assert not response.cookies
    return unescape(response.content.decode())


def part(shown: str, start: str, end: str) -> str:
    """What stands after the first ``start``, up to the next ``end``; both must occur."""
    _, found, rest = shown.partition(start)
    assert found, f"no {start!r}"
    inside, found, _ = rest.partition(end)
    assert found, f"no {end!r} after {start!r}"
    return inside
