"""What a text sets in quotation marks, of all usual pairs, or apart as a block. Pure."""

import re
from dataclasses import dataclass, field

_MARK = re.compile(r"``|''|[\"“”„‟«»‹›‘’‚‛'`´＂「」『』]|\n[^\S\n]*\n\s*")
# What closes that which each mark opens.
_CLOSERS = {
    **dict.fromkeys("„‟", "”\"″“''"),
    "“": "”\"''",
    "”": "”",
    '"': '"”',
    "＂": "＂",
    "``": "''\"”",
    "''": "''",
    "«": "»",
    "»": "«",
    "‹": "›",
    "›": "‹",
    "「": "」",
    "『": "』",
    "‘": "’'´",
    "‚": "‘’",
    "‛": "’",
    "'": "'’",
    "`": "'´`",
    "´": "´",
}
_PARAGRAPH = re.compile(r"\S(?:.*?\S)??(?=\s*?(?:\n\s*\n|\Z))", re.DOTALL)
_SINGLE = frozenset("‘’‚‛'`´")
_DOUBLE = re.compile(r"``|''|[\"“”„‟«»＂]")


@dataclass
class Quoted:
    """A quotation from ``start`` to ``end``, without its marks, which lie within ``outer``."""

    start: int
    end: int
    outer: tuple[int, int]
    is_closed: bool = True
    is_block: bool = False
    inner: list["Quoted"] = field(default_factory=list)


@dataclass
class _Open:
    mark: str
    start: int  # of the mark

    @property
    def is_single(self) -> bool:
        return self.mark in _SINGLE


def quotations(text: str, blocks: list[tuple[int, int]]) -> list[Quoted]:
    """The outermost quotations, in order, each with those inside it.

    A paragraph that goes on with a quotation begins with a mark again, and is one of its own, as
    are the paragraphs of a block. One that is not closed ends with its sentence.
    """
    found = [*_marked(text)]
    for start, end in blocks:
        for match in _PARAGRAPH.finditer(text[start:end]):
            span = start + match.start(), start + match.end()
            found.append(Quoted(*span, span, is_block=True))
    return _nested(found)


def _nested(found: list[Quoted]) -> list[Quoted]:
    top: list[Quoted] = []
    stack: list[Quoted] = []
    for each in sorted(found, key=lambda q: (q.outer[0], -q.outer[1])):
        while stack and stack[-1].outer[1] <= each.outer[0]:
            stack.pop()
        if stack and each.outer[1] > stack[-1].outer[1]:
            continue  # They cross: no reader would see the second.
        (stack[-1].inner if stack else top).append(each)
        stack.append(each)
    return top


def _marked(text: str):
    stack: list[_Open] = []

    def close(depth: int, mark: re.Match) -> Quoted:
        opening = stack[depth]
        del stack[depth:]
        start = opening.start + len(opening.mark)
        return Quoted(start, mark.start(), (opening.start, mark.end()))

    for mark in _MARK.finditer(text):
        sign = mark[0]
        if sign[0] == "\n":
            yield from _at_break(text, stack, mark)
            continue
        before = text[mark.start() - 1 : mark.start()]
        after = text[mark.end() : mark.end() + 1]
        if sign in _SINGLE and before.isalnum() and after.isalnum():
            continue  # an apostrophe
        may_open = bool(after.strip()) and not before.isalnum()
        may_close = bool(before.strip()) and not after.isalnum()
        if sign == "”" and not after.isalnum():
            may_close = True
        if not before.strip() and not after.strip():
            may_open = may_close = True  # French, or straight marks that stand alone
        depth = _closed_by(sign, stack) if may_close else None
        if depth is not None and _is_possessive(text, mark, stack[depth]):
            continue
        if depth is not None and not (sign in "“«»‹›" and after.strip() and not before.strip()):
            if mark.start() > stack[depth].start + len(stack[depth].mark):
                yield close(depth, mark)
            else:
                del stack[depth:]
        elif may_open and sign in _CLOSERS and sign not in ("´", "''"):
            again = [n for n, each in enumerate(stack) if each.mark == sign]
            if again:  # The earlier one was never closed.
                yield from _unclosed(text, stack[again[0]], mark.start())
                del stack[again[0] :]
            stack.append(_Open(sign, mark.start()))
    for opening in stack:
        yield from _unclosed(text, opening, len(text))


def _closed_by(sign: str, stack: list[_Open]) -> int | None:
    """Which of the open marks ``sign`` closes: singles on the way to a double were none."""
    for depth in reversed(range(len(stack))):
        if sign in _CLOSERS[stack[depth].mark] and (len(sign) == 1 or stack[depth].mark != '"'):
            return depth
        if not stack[depth].is_single and sign in _SINGLE:
            return None
    return None


def _is_possessive(text: str, mark: re.Match, opening: _Open) -> bool:
    """“the states’ interests” inside single marks, which close later."""
    if mark[0] not in "’'" or not opening.is_single or text[mark.start() - 1] not in "sS":
        return False
    rest = re.match(r"\s[^\W\d_][^‘\n]{0,400}?[\w.,;:!?…]['’](?!\w)", text[mark.end() :][:420])
    return rest is not None and rest[0][1].islower()


def _at_break(text: str, stack: list[_Open], gap: re.Match):
    """What is open at the end of a paragraph: goes on in the next, or was never closed."""
    for depth, opening in enumerate(stack):
        if text.startswith(opening.mark, gap.end()):
            start = opening.start + len(opening.mark)
            yield Quoted(start, gap.start(), (opening.start, gap.start()))
        elif opening.is_single or not _closes_next(text, opening, gap.end()):
            yield from _unclosed(text, opening, gap.start())
        else:
            del stack[:depth]
            return
    stack.clear()


def _closes_next(text: str, opening: _Open, start: int) -> bool:
    """Whether the next double mark, before the paragraph ends, closes."""
    end = text.find("\n\n", start)
    mark = _DOUBLE.search(text, start, end if end >= 0 else len(text))
    if mark is None or mark[0] not in _CLOSERS[opening.mark]:
        return False
    return not text[mark.start() - 1].isspace() and not text[mark.end() : mark.end() + 1].isalnum()


def _unclosed(text: str, opening: _Open, end: int):
    if opening.is_single:
        return
    start = opening.start + len(opening.mark)
    stop = re.compile(r"[.!?…](?=\s)|\n\s*\n").search(text, start, end)
    end = stop.start() if stop else end
    if text[start:end].strip():
        yield Quoted(start, end, (opening.start, end), is_closed=False)
