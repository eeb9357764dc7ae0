"""Texts whose sentences are known by number through every change that is made to them.

The numbers tell, without looking at any words, which sentence of a text a place of it belongs to.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import count
from random import Random

from kb.carrying import Place
from kb.cutting import Piece

WORDS = ["peace", "independence", "policy", "state", "the", "of", "and", "item", "is", "no"]
WORDS += ["1", "2", "Baku", "üç", "𐐷"]
SPACES = [" ", " ", " ", "  ", "\u00a0", "\n"]


@dataclass(frozen=True)
class Sentence:
    number: int
    text: str
    after: str = " "  # white space up to the next sentence


@dataclass
class Known:
    """A text as paragraphs of numbered sentences; a heading is one sentence."""

    paragraphs: list[tuple[str, list[Sentence]]] = field(default_factory=list)

    @cached_property
    def pieces(self) -> list[Piece]:
        """Read once the text is complete, as all that follows."""
        return [piece for piece, _ in self._cut()]

    @cached_property
    def texts(self) -> dict[str, str]:
        return {piece.ref: piece.text for piece in self.pieces}

    @cached_property
    def places(self) -> list[tuple[Place, Sentence]]:
        return [
            (Place(piece.ref, start, end), sentence)
            for piece, sentences in self._cut()
            for (start, end), sentence in zip(
                piece.sentences or ((0, len(piece.text)),), sentences, strict=True
            )
        ]

    def _cut(self) -> Iterator[tuple[Piece, list[Sentence]]]:
        numbers = {"heading": count(1), "body": count(1)}
        for kind, sentences in self.paragraphs:
            text, spans = "", []
            for sentence in sentences:
                spans.append((len(text), len(text) + len(sentence.text)))
                text += sentence.text + sentence.after
            text = text[: spans[-1][1]]
            cut = tuple(spans) if kind == "body" else ()
            yield Piece(kind, next(numbers[kind]), 0, text, "\n", cut), sentences


class Author:
    """Writes texts and changes them, by the choices of ``random``."""

    def __init__(self, random: Random):
        self.random = random
        self.numbers = count(1)

    def text(self) -> Known:
        paragraphs = [self.paragraph() for _ in range(self.random.randint(1, 5))]
        if self.random.random() < 0.3:
            paragraphs.insert(0, ("heading", [self.sentence()]))
        known = Known(paragraphs)
        for _ in range(self.random.randint(0, 3)):  # Texts repeat themselves.
            self.random.choice([self.duplicate, self.look_alike, self.list_of])(known)
        return known

    def paragraph(self) -> tuple[str, list[Sentence]]:
        return "body", [self.sentence() for _ in range(self.random.randint(1, 5))]

    def sentence(self, text: str = "") -> Sentence:
        if not text:
            words = self.random.choices(WORDS, k=self.random.choice([1, 2, 3, 5, 8, 12]))
            if self.random.random() < 0.1:
                words = words[:1] * 3  # It overlaps itself where it goes on.
            text = " ".join(words) + self.random.choice([".", ".", "!", "…", ""])
        return Sentence(next(self.numbers), text, self.random.choice(SPACES))

    def changed(self, known: Known) -> Known:
        changes = [
            self.insert,
            self.delete,
            self.replace_word,
            self.swap,
            self.duplicate,
            self.look_alike,
            self.list_of,
            self.embed,
            self.join_sentences,
            self.split_sentence,
            self.cut_otherwise,
            self.space_otherwise,
            self.drop_paragraph,
            self.split_paragraph,
            self.join_paragraphs,
            self.swap_paragraphs,
            self.make_heading,
        ]
        new = Known([(kind, list(sentences)) for kind, sentences in known.paragraphs])
        for change in self.random.choices(changes, k=self.random.randint(0, 6)):
            change(new)
        return new

    # Changes of sentences.

    def insert(self, known: Known) -> None:
        self._put(known, self.sentence())

    def delete(self, known: Known) -> None:
        _, sentences, at = self._any(known)
        if len(sentences) > 1:
            del sentences[at]

    def replace_word(self, known: Known) -> None:
        _, sentences, at = self._any(known)
        sentences[at] = self._with_other_word(sentences[at])

    def swap(self, known: Known) -> None:
        _, one, i = self._any(known)
        _, two, j = self._any(known)
        one[i], two[j] = two[j], one[i]

    def duplicate(self, known: Known) -> None:
        _, sentences, at = self._any(known)
        self._put(known, self.sentence(sentences[at].text))

    def look_alike(self, known: Known) -> None:
        _, sentences, at = self._any(known)
        self._put(known, self._with_other_word(sentences[at]))

    def list_of(self, known: Known) -> None:
        """Items that differ in one word, some of which stand there already."""
        _, sentences, at = self._any(known)
        words = sentences[at].text.split(" ")
        i = self.random.randrange(len(words))
        items = [
            self.sentence(" ".join([*words[:i], word, *words[i + 1 :]]))
            for word in self.random.sample(WORDS, 3)
        ]
        known.paragraphs.append(("body", items))

    def embed(self, known: Known) -> None:
        """A longer sentence that holds another, or its beginning or end."""
        _, sentences, at = self._any(known)
        text = sentences[at].text
        on = f" {text.split()[-1]}"
        before, after = self.random.choice([("no ", ""), ("", on), ("Ca", ""), ("", "..")])
        self._put(known, self.sentence(before + text + after))

    def join_sentences(self, known: Known) -> None:
        _, sentences, at = self._any(known)
        if at + 1 < len(sentences):
            one, two = sentences[at : at + 2]
            joined = f"{one.text.rstrip('.!…')}, {two.text}"
            sentences[at : at + 2] = [self.sentence(joined)]

    def split_sentence(self, known: Known) -> None:
        kind, sentences, at = self._any(known)
        head, _, tail = sentences[at].text.partition(" ")
        if tail and kind == "body":
            sentences[at : at + 1] = [self.sentence(f"{head}."), self.sentence(tail)]

    def cut_otherwise(self, known: Known) -> None:
        """The same words, of which a better cut makes one sentence or two."""
        kind, sentences, at = self._any(known)
        if kind == "body" and at + 1 < len(sentences):
            one, two = sentences[at : at + 2]
            sentences[at : at + 2] = [self.sentence(one.text + one.after + two.text)]

    def space_otherwise(self, known: Known) -> None:
        _, sentences, at = self._any(known)
        sentences[at] = replace(sentences[at], after=self.random.choice(SPACES))

    # Changes of paragraphs.

    def drop_paragraph(self, known: Known) -> None:
        if len(known.paragraphs) > 1:
            del known.paragraphs[self.random.randrange(len(known.paragraphs))]

    def split_paragraph(self, known: Known) -> None:
        kind, sentences, at = self._any(known)
        if kind == "body" and at:
            number = next(n for n, (_, s) in enumerate(known.paragraphs) if s is sentences)
            known.paragraphs[number : number + 1] = [
                ("body", sentences[:at]),
                ("body", sentences[at:]),
            ]

    def join_paragraphs(self, known: Known) -> None:
        at = self.random.randrange(len(known.paragraphs))
        pair = known.paragraphs[at : at + 2]
        if [kind for kind, _ in pair] == ["body", "body"]:
            known.paragraphs[at : at + 2] = [("body", [*pair[0][1], *pair[1][1]])]

    def swap_paragraphs(self, known: Known) -> None:
        self.random.shuffle(known.paragraphs)

    def make_heading(self, known: Known) -> None:
        at = self.random.randrange(len(known.paragraphs))
        kind, sentences = known.paragraphs[at]
        if len(sentences) == 1:
            known.paragraphs[at] = ("body" if kind == "heading" else "heading", sentences)

    # Words to cite.

    def span(self, known: Known) -> Place:
        """A word, some words, a sentence, several; now and then with white space at an end."""
        piece = self.random.choice(known.pieces)
        edges = {0, len(piece.text), *(edge for span in piece.sentences for edge in span)}
        edges |= {at for at, char in enumerate(piece.text) if char.isspace()}
        edges |= {at + 1 for at, char in enumerate(piece.text) if char.isspace()}
        start, end = sorted(self.random.sample(sorted(edges), 2))
        return Place(piece.ref, start, end)

    def _any(self, known: Known) -> tuple[str, list[Sentence], int]:
        kind, sentences = self.random.choice(known.paragraphs)
        return kind, sentences, self.random.randrange(len(sentences))

    def _put(self, known: Known, sentence: Sentence) -> None:
        kind, sentences, at = self._any(known)
        if kind == "heading":
            known.paragraphs.append(("body", [sentence]))
        else:
            sentences.insert(self.random.choice([at, at + 1]), sentence)

    def _with_other_word(self, sentence: Sentence) -> Sentence:
        words = sentence.text.split(" ")
        at = self.random.randrange(len(words))
        words[at] = self.random.choice([word for word in WORDS if word != words[at]])
        return self.sentence(" ".join(words))
