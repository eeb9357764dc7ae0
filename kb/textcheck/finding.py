"""The passages of a text that may be a source's: quotations, and what stands there unmarked."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from . import sources
from .comparing import Match, Passage, Verdict, compare, is_certain, near, verbatim
from .given import given
from .quoted import Quoted, quotations
from .sources import Places
from .speaking import Speaker, speaker_of
from .words import COMMON, QUOTES, Words, weight

RUN = 8  # words in a row that are noticed without quotation marks
NEAR = 12  # words that are, where a few between them are altered
DENSE = 0.85  # of which so many, in relation, are the source's
APART = 4  # words that were put in, or stand in the source, between two runs of one passage
ENDS = 4  # words of another sentence that a run may begin or end with by chance
PARAGRAPHS = 80  # that are fetched for what has no quotation marks
ALTERED = 0.85  # what has less in common with one place may be spliced of two
PIECE = 4  # words of a piece of a spliced quotation
SPLICED = 0.75  # of what a spliced quotation tells must be the source's
_STOP = re.compile(r"[.:;!?\n]")


@dataclass(eq=False)
class Item:
    """A passage and the places where it stands, all as good as one another.

    ``speaker`` is None if no quotation marks set it off; ``also`` are further pieces of it.
    """

    passage: Passage
    speaker: Speaker | None = None
    matches: Sequence[Match] = ()
    also: Sequence[Match] = ()

    @property
    def all_matches(self) -> list[Match]:
        return [*self.matches, *self.also]


@dataclass(eq=False)
class _Quote(Item):
    quoted: Quoted | None = None
    inner: Sequence["_Quote"] = ()


@dataclass(frozen=True)
class _Run:
    """Words of the text, from ``start`` up to ``stop``, that stand in a paragraph ``shift`` on."""

    start: int
    stop: int
    paragraph: int
    shift: int

    @property
    def length(self) -> int:
        return self.stop - self.start


class Search:
    """One text. Two queries when made, a third if a quotation ends with a paragraph."""

    def __init__(self, text: str):
        self.given = given(text)
        self.words = Words(self.given.text)
        self.top = [*self._quotes(quotations(self.given.text, self.given.blocks))]
        every = [*_flat(self.top)]
        self.places = Places(self.words.folded, [quote.passage.numbers for quote in every])
        nearest = {quote: self._nearest(quote) for quote in every}
        wanted = {p for keys in nearest.values() for p in keys}
        self.texts = sources.fetch(wanted | {run.paragraph for run in self._long()})
        for quote in every:
            here = [self.texts[p] for p in nearest[quote] if p in self.texts]
            quote.matches = [m for text in here for m in verbatim(quote.passage, text)] or [
                match for text in here for match in near(quote.passage, text)
            ]
        self._across_paragraphs(every)
        for quote in every:
            _settle(quote)

    def quotations(self) -> list[Item]:
        """Those that stand in a source, or that a reader would look for in one."""
        return [*self._kept(self.top)]

    def unmarked(self) -> list[Item]:
        """Eight words or more in a row, and near copies, without quotation marks of the text's."""
        found: list[Item] = []
        free = bytearray(b"\1" * len(self.words))
        for quote in _flat(self.top):
            if quote not in self._sources_own:
                free[quote.passage.numbers.start : quote.passage.numbers.stop] = bytes(
                    len(quote.passage.numbers)
                )
        by_paragraph: dict[int, list[_Run]] = defaultdict(list)
        for run in self._runs:
            if run.paragraph in self.texts:
                by_paragraph[run.paragraph] += _pieces(run, free)
        for runs in by_paragraph.values():
            runs.sort(key=lambda run: run.start)
        seeds = [run for runs in by_paragraph.values() for run in runs if 2 * run.length > RUN]
        seeds.sort(key=lambda r: (-r.length, -self.places.total[r.paragraph], r.paragraph, r.start))
        for seed in seeds:
            if not all(free[seed.start : seed.stop]):
                continue
            span, same = self._widened(seed, by_paragraph[seed.paragraph], free)
            if seed.length < RUN and (same < NEAR or same < DENSE * len(span)):
                continue
            if len(span) == seed.length:
                span = self._without_ends(seed)
            if len(span) < RUN:
                continue
            start, end = self.words.starts[span.start], self.words.ends[span.stop - 1]
            passage = Passage(self.given, self.words, start, end)
            if _is_name(passage):
                continue
            matches = [
                match for match in compare(passage, self.texts[seed.paragraph]) if is_certain(match)
            ]
            if matches:
                free[span.start : span.stop] = bytes(len(span))
                found.append(Item(passage, None, matches))
        return found

    def _quotes(self, found: Iterable[Quoted]) -> Iterator[_Quote]:
        for quoted in found:
            passage = Passage(self.given, self.words, quoted.start, quoted.end)
            if passage.words:
                speaker = speaker_of(self.given.text, quoted)
                yield _Quote(passage, speaker, quoted=quoted, inner=[*self._quotes(quoted.inner)])

    def _nearest(self, quote: _Quote) -> list[int]:
        found = self.places.nearest(quote.passage.numbers)
        if len(quote.passage.words) < sources.SHORT:
            found += [p for p, _ in self.places.total.most_common(sources.ROUNDS)]
        return [*dict.fromkeys(found)]

    @cached_property
    def _runs(self) -> list[_Run]:
        found = self.places.diagonals(range(len(self.words)))
        return [_Run(n, n + length, p, w - n) for n, length, p, w in found]

    def _long(self) -> list[_Run]:
        """The longest runs, in not too many paragraphs."""
        found: dict[int, _Run] = {}
        longest = sorted(
            (run for run in self._runs if 2 * run.length > RUN),
            key=lambda run: (-run.length, -self.places.total[run.paragraph], run.paragraph),
        )
        times: dict[range, int] = defaultdict(int)
        for run in longest:
            times[range(run.start, run.stop)] += 1
            if times[range(run.start, run.stop)] <= sources.ROUNDS:
                found.setdefault(run.paragraph, run)
            if len(found) >= PARAGRAPHS:
                break
        return [*found.values()]

    def _across_paragraphs(self, every: Sequence[_Quote]) -> None:
        """Compares anew, with what stands before and after, those that a paragraph's end cuts."""
        cut = [(quote, max(quote.matches, key=_rank)) for quote in every if quote.matches]
        cut = [(quote, match) for quote, match in cut if _is_cut(match)]
        wider = sources.with_neighbours({match.text for _, match in cut})
        for quote, match in cut:
            text = wider[match.text.paragraphs[0].pk]
            quote.matches = [*quote.matches, *compare(quote.passage, text)]

    def _kept(self, quotes: Iterable[_Quote]) -> Iterator[_Quote]:
        for quote in quotes:
            if quote in self._sources_own:
                continue
            if quote.matches:
                if len(quote.passage.words) > 1 or self._is_about(quote):
                    yield quote
                continue
            inner = [*self._kept(quote.inner)]
            if any(each.matches for each in inner):
                yield from inner
            elif _is_looked_for(quote):
                yield quote

    def _is_about(self, quote: _Quote) -> bool:
        """Whether a single word in marks has to do with the source: others near it stand there."""
        if quote.speaker and quote.speaker.by_source:
            return True
        here = self.given.text.rfind("\n\n", 0, quote.passage.first) + 1
        until = self.given.text.find("\n\n", quote.passage.last)
        numbers = self.words.between(here, until if until >= 0 else len(self.given.text))
        near = {self.words.folded[n] for n in numbers if n not in quote.passage.numbers} - COMMON
        there = {word for match in quote.matches for word in match.text.words.folded}
        return bool(near & there) or any(
            len(other.passage.words) > 2 and other.matches for other in _flat(self.top)
        )

    @cached_property
    def _sources_own(self) -> set[_Quote]:
        """The quotations inside a longer run whose marks stand in the source as well."""
        quotes = [*_flat(self.top)]  # in the order of their starts
        starts = [quote.passage.numbers.start for quote in quotes]
        found: set[_Quote] = set()
        for run in self._runs:
            if run.length < RUN or run.paragraph not in self.texts:
                continue
            for quote in quotes[bisect_left(starts, run.start) : bisect_left(starts, run.stop)]:
                numbers = quote.passage.numbers
                inside = numbers.stop <= run.stop and len(numbers) + 3 <= run.length
                if inside and self._has_marks(numbers, run):
                    found.add(quote)
        return found

    def _has_marks(self, numbers: range, run: _Run) -> bool:
        """Whether the source has quotation marks around these words."""
        text, words = self.texts[run.paragraph].text, self.texts[run.paragraph].words
        first, last = numbers.start + run.shift, numbers.stop - 1 + run.shift
        before = text[words.ends[first - 1] if first else 0 : words.starts[first]]
        after = text[words.ends[last] : words.starts[last + 1] if last + 1 < len(words) else None]
        return not set(QUOTES).isdisjoint(before) and not set(QUOTES).isdisjoint(after)

    def _widened(self, seed: _Run, runs: Sequence[_Run], free: bytearray) -> tuple[range, int]:
        """The seed with the runs near it on either side; how many words are the same."""
        start, stop, same = seed.start, seed.stop, seed.length
        place = bisect_left([run.start for run in runs], seed.start)
        shift = seed.shift
        for run in runs[place:]:
            if run.start > stop + APART:
                break
            if run.stop > stop + 2 and self._follow(stop, shift, run, free):
                same += run.stop - max(stop, run.start)
                stop, shift = run.stop, run.shift
        shift = seed.shift
        for run in reversed(runs[:place]):
            if run.stop < start - APART - RUN:
                break
            if run.start < start - 2 and self._lead(start, shift, run, free):
                same += min(start, run.stop) - run.start
                start, shift = run.start, run.shift
        return range(start, stop), same

    def _without_ends(self, run: _Run) -> range:
        """Without the last words of another sentence, which happen to be the same."""
        start, stop = run.start, run.stop
        for n in range(run.start + 1, run.stop):
            mine = self.given.text[self.words.ends[n - 1] : self.words.starts[n]]
            if not _STOP.search(mine):
                continue
            if n - run.start <= ENDS:
                start = n
            elif run.stop - n <= ENDS:
                stop = n
                break
        return range(start, stop)

    def _follow(self, stop: int, shift: int, run: _Run, free: bytearray) -> bool:
        gap = run.start + run.shift - (stop + shift)
        return -3 <= gap <= APART + 4 and self._tells(run) and all(free[stop : run.stop])

    def _lead(self, start: int, shift: int, run: _Run, free: bytearray) -> bool:
        gap = start + shift - (run.stop + run.shift)
        near = -3 <= gap <= APART + 4 and start - run.stop <= APART
        return near and self._tells(run) and all(free[run.start : start])

    def _tells(self, run: _Run) -> bool:
        return not COMMON.issuperset(self.words.folded[run.start : run.stop])


def _flat(quotes: Iterable[_Quote]) -> Iterator[_Quote]:
    for quote in quotes:
        yield quote
        yield from _flat(quote.inner)


def _rank(match: Match) -> float:
    return match.rank


def _is_cut(match: Match) -> bool:
    """Whether the passage may go on in the paragraph before or after."""
    alignment = match.alignment
    if match.verdict != Verdict.ALTERED or alignment is None:
        return False
    size = len(match.text.words)
    return (alignment.left > 1 and alignment.first < 3) or (
        alignment.right > 1 and alignment.last > size - 4
    )


def _settle(quote: _Quote) -> None:
    """Leaves the best matches of a quotation, all as good; those that are not certain go."""
    sure = [match for match in quote.matches if is_certain(match)]
    best = max(sure, key=_rank, default=None)
    is_weak = best is None or (best.verdict == Verdict.ALTERED and best.share < ALTERED)
    if is_weak and (spliced := _spliced(quote)):
        quote.matches, quote.also = spliced[:1], spliced[1:]
        return
    quote.matches = [match for match in sure if best and match.rank >= best.rank]


def _spliced(quote: _Quote) -> list[Match]:
    """The pieces of two or more places that a quotation is made of; nothing if it is not."""
    left = set(range(len(quote.passage.words)))
    pieces: list[Match] = []
    matches = [match for match in quote.matches if match.alignment]
    for _ in range(sources.ROUNDS):
        gained = [(_gain(match, left), n) for n, match in enumerate(matches)]
        most, n = max(gained, key=lambda each: len(each[0]), default=(set(), 0))
        if not most:
            break
        left -= most
        pieces.append(matches[n])
    words = quote.passage.words
    have = weight(word for n, word in enumerate(words) if n not in left)
    if len(pieces) < 2 or have < SPLICED * weight(words):
        return []
    return pieces


def _gain(match: Match, left: set[int]) -> set[int]:
    """The words in long runs of a match that no piece has yet."""
    gained: set[int] = set()
    for run in match.alignment.runs if match.alignment else ():
        more = left.intersection(range(run.at, run.at + run.length))
        if len(more) >= PIECE:
            gained |= more
    return gained


def _is_looked_for(quote: _Quote) -> bool:
    """Whether a reader would look for it in a source: no title, no word in scare quotes."""
    quoted, speaker, words = quote.quoted, quote.speaker, quote.passage.words
    if quoted is None or not quoted.is_closed or quoted.is_block or speaker is None:
        return False
    if len(words) < 3:
        return speaker.by_source or (len(words) == 2 and bool(speaker.name))
    telling = [
        quote.passage.given.text[quote.passage.all.starts[n]]
        for n in quote.passage.numbers
        if quote.passage.all.folded[n] not in COMMON
    ]
    is_title = len(words) < 9 and all(sign.isupper() for sign in telling)
    return not is_title or bool(speaker.name) or speaker.by_source


def _is_name(passage: Passage) -> bool:
    """Whether a run is but a name, or little more, which anybody would write so."""
    text, words = passage.given.text, passage.all
    lower = [
        n
        for n in passage.numbers
        if words.folded[n] not in COMMON and text[words.starts[n]].islower()
    ]
    return len(lower) < 3


def _pieces(run: _Run, free: bytearray) -> Iterator[_Run]:
    """What of a run no quotation holds, in pieces of three words or more."""
    start = run.start
    for n in range(run.start, run.stop + 1):
        if n == run.stop or not free[n]:
            if n - start >= 3:
                yield _Run(start, n, run.paragraph, run.shift)
            start = n + 1
