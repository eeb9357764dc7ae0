"""What an editor's hand changes in a cut, as overrides; pure.

Places are code points of the whole text: they stay what they are whatever else is changed, as the
numbers of paragraphs do not.
"""

from collections.abc import Iterable, Iterator
from itertools import accumulate

from .cutting import LINE_END, Cut, Piece, UnfitOverride, cut

ACTS = ("heading", "body", "join", "split", "end", "no_end")


def placed(made: Cut) -> Iterator[tuple[int, Piece]]:
    """Each piece with the code point of the text at which it begins."""
    lengths = (len(piece.text) + len(piece.separator) for piece in made.pieces)
    return zip(accumulate(lengths, initial=len(made.leading)), made.pieces, strict=False)


def recut(made: Cut, act: str, at: int) -> Cut:
    """The text of ``made``, cut as it was but for one change. Raises UnfitOverride.

    ``heading``, ``body`` and ``join`` (with the next) are done to the paragraph that begins at
    ``at``; ``split`` begins a paragraph there; ``end`` ends a sentence there, ``no_end`` doesn't.
    Sentence ends that were changed before stay where they are in the text, if they still can.
    """
    if act not in ACTS:
        raise UnfitOverride(f"“{act}” is nothing that can be done to a cut.")
    change = _Change(made, at)
    if act in ("heading", "body", "join") and change.offset:
        raise UnfitOverride("No paragraph begins there any more: look at the cut as it is now.")
    getattr(change, act)()
    return change.cut()


class _Change:
    def __init__(self, made: Cut, at: int):
        self.text, self.pieces, self.at = made.text(), made.pieces, at
        begins = {piece.ref: start for start, piece in placed(made)}

        def absolute(places: Iterable[str]) -> set[int]:
            split = (place.split(":") for place in places)
            return {begins[ref] + int(offset) for ref, offset in split}

        known = {name: made.overrides.get(name, []) for name in ("split", "heading", "join")}
        self.splits, self.headings, self.joins = map(set, known.values())
        self.ends = absolute(made.overrides.get("sentence_end", ()))
        self.no_ends = absolute(made.overrides.get("no_sentence_end", ()))
        for start, piece in placed(made):
            if start <= at <= start + len(piece.text):
                self.piece, self.offset = piece, at - start
                return
        raise UnfitOverride("No paragraph stands there.")

    def heading(self):
        self.headings.add(self.piece.place)

    def body(self):
        self.headings.discard(self.piece.place)

    def join(self):
        at = self.pieces.index(self.piece) + 1
        if at == len(self.pieces):
            raise UnfitOverride("No paragraph follows this one.")
        following = self.pieces[at]
        self.headings.discard(following.place)
        if following.offset:
            self.splits.remove(following.place)
        else:
            self.joins.add(self.piece.last_line)

    def split(self):
        """Takes a join back where a line begins; else splits the line."""
        before = self.piece.text[: self.offset]
        if not before.strip():
            raise UnfitOverride("A paragraph begins there already.")
        breaks = list(LINE_END.finditer(before))
        begun = breaks[-1].end() if breaks else -self.piece.offset
        if before[max(begun, 0) :].strip():
            self.splits.add(f"{self.piece.line + len(breaks)}:{self.offset - begun}")
        else:
            self.joins.remove(self.piece.line + len(LINE_END.findall(before.rstrip())))

    def end(self):
        self.no_ends.discard(self.at)
        self.ends.add(self.at)

    def no_end(self):
        self.ends.discard(self.at)
        self.no_ends.add(self.at)

    def cut(self) -> Cut:
        paragraphs = {"split": self.splits, "heading": self.headings, "join": self.joins}
        plain = cut(self.text, **paragraphs)
        ends, no_ends = [], []
        for start, piece in placed(plain) if self.ends or self.no_ends else ():
            proposed = {start + end for _, end in piece.sentences}
            inside = range(start + 1, max(proposed, default=start))
            ends += [f"{piece.ref}:{at - start}" for at in self.ends - proposed if at in inside]
            no_ends += [
                f"{piece.ref}:{at - start}" for at in self.no_ends & proposed if at in inside
            ]
        if not (ends or no_ends):
            return plain
        return cut(self.text, **paragraphs, sentence_end=ends, no_sentence_end=no_ends)
