"""Whom a text has say what it quotes, as far as its words around the quotation tell. Pure."""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from .quoted import Quoted
from .words import COMMON

REACH = 300  # code points before a quotation that are read
AFTER = 160  # and after it

_SAY = (
    r"(?:sa(?:id|ys?|ying)|stat(?:ed|es?|ing)|not(?:ed|es?|ing)|declar(?:ed|es?|ing)|announc(?:ed|es)|"
    r"add(?:ed|s)|argu(?:ed|es)|claim(?:ed|s)|remark(?:ed|s)|insist(?:ed|s)|told|tells|wr(?:ote|ites)|"
    r"stress(?:ed|es)|emphasi[sz](?:ed|es)|underlin(?:ed|es)|underscor(?:ed|es)|explain(?:ed|s)|"
    r"affirm(?:ed|s)|assert(?:ed|s)|observ(?:ed|es)|proclaim(?:ed|s)|warn(?:ed|s)|pledg(?:ed|es)|"
    r"promis(?:ed|es)|repl(?:ied|ies)|recall(?:ed|s)|repeat(?:ed|s)|maintain(?:ed|s)|vow(?:ed|s)|"
    r"confirm(?:ed|s)|reiterat(?:ed|es)|conclud(?:ed|es)|put(?:s)? it|point(?:ed|s) out|spoke|"
    r"speaks|quipped|boast(?:ed|s)|admit(?:ted|s)|tweeted|responded|commented|words|quot(?:ed|es|ing))"
)
_SAID = re.compile(rf"\b{_SAY}\b", re.IGNORECASE)
_CAPITAL = r"(?:[^\W\d_a-zß-öø-ÿ])"
_NAME = re.compile(
    rf"(?:(?:{_CAPITAL}\.\s?)+)?{_CAPITAL}[\w’'‘ʻ-]+"
    rf"(?:\s+(?:(?:of|the|oglu|bin|al|de|van|von)\s+){{0,2}}{_CAPITAL}(?:[\w’'‘ʻ-]+|\.))*"
)
_SOURCE = re.compile(
    r"\b(?:(?:source|text|account|document|web ?site|portal|page|paragraph|article|section|passage|"
    r"brochure|publication|transcript)s?|report(?:s|ed|edly)?|retold|retells|paraphras\w+)\b",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:he|she)\b", re.IGNORECASE)
_BREAK = re.compile(r"[.!?][\"”’»)]*\s+(?=[^\W\d_a-z]|[“\"«„])|\n\s*\n")
_SHORT = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Gen|No|vs)|\b[A-Z])\.\s+\Z")
_ROLES = frozenset(
    re.findall(
        r"\w+",
        "president minister prime foreign mr mrs ms dr prof professor chairman leader national "
        "head state secretary general ambassador first lady vice deputy speaker king queen former "
        "late founder official officials press spokesman spokeswoman spokesperson republic "
        "country",
    )
)
_BODIES = frozenset(
    re.findall(
        r"\w+",
        "ministry government organization organisation council union university parliament "
        "assembly committee agency commission nations embassy institute department office "
        "administration press times post news radio movement group community party court bank",
    )
)
# Capitalised at the beginning of a sentence, and no name.
_NO_NAMES = COMMON | frozenset(
    re.findall(
        r"\w+",
        "however today yesterday thus here there once never again first second both each many "
        "according quoting citing speaking asked source text paragraph official account sources "
        "although while because moreover indeed elsewhere later earlier another i we my",
    )
)


@dataclass(frozen=True)
class Speaker:
    """Whom the text names, if anybody; ``by_source``: it tells that it quotes a source."""

    name: str = ""
    by_source: bool = False

    @property
    def parts(self) -> set[str]:
        return parts_of(self.name)

    @property
    def is_person(self) -> bool:
        """Plainly: two names, or one with a title."""
        words = {plain(word) for word in self.name.split()}
        titled = bool(words & _ROLES) and bool(self.parts)
        return not words & _BODIES and (len(self.parts) > 1 or titled)

    @property
    def is_body(self) -> bool:
        return bool({plain(word) for word in self.name.split()} & _BODIES)


def speaker_of(text: str, quoted: Quoted) -> Speaker:
    """Who is said to say ``quoted``, in the sentence around it."""
    before, after = _before(text, quoted), _after(text, quoted)
    is_said_after = not re.match(r"[\s,]*(?:and|but|or)\b", after)
    by_source = bool(_SOURCE.search(before) or (is_said_after and _SOURCE.search(after)))
    for name in (_named_after(after), _named_before(before)):
        if name:
            if _PRONOUN.fullmatch(name):
                name = _last_name(text[max(0, quoted.outer[0] - 2 * REACH) : quoted.outer[0]], name)
            return Speaker(name, by_source)
    return Speaker("", by_source)


def is_same(name: set[str], known: Iterable[str], around: Iterable[str]) -> bool:
    """Whether a name can be that of a speaker who is called ``known``.

    ``around`` are further words that the source has of the speaker: titles, countries.
    """
    known, around = set(known), set(around)
    return (
        all(_among(part, known | around) for part in name)
        and any(_among(part, known) for part in name)
    ) or all(_among(part, name) for part in known)


def parts_of(name: str) -> set[str]:
    """The words of a name, without titles, as they are compared."""
    found = {plain(word) for word in re.findall(r"[^\W\d_][\w’'-]*", name)}
    return {part for part in found if part and part not in _ROLES | COMMON}


def plain(word: str) -> str:
    """Without case, marks on letters, or a genitive: İlham, ilham."""
    word = re.sub(r"['’]s?\Z", "", word.strip(".,"))
    word = unicodedata.normalize("NFKD", word.casefold().replace("ə", "a").replace("ı", "i"))
    return "".join(sign for sign in word if not unicodedata.combining(sign))


def _among(part: str, others: Iterable[str]) -> bool:
    if len(part) == 1:
        return any(other.startswith(part) for other in others)
    return any(
        part == other or (len(other) == 1 and part.startswith(other)) or _close(part, other)
        for other in others
    )


def _close(one: str, two: str) -> bool:
    return min(len(one), len(two)) > 3 and difflib.SequenceMatcher(None, one, two).ratio() >= 0.8


def _before(text: str, quoted: Quoted) -> str:
    """From the beginning of the sentence; of a block, the sentence that leads to it."""
    found = text[max(0, quoted.outer[0] - REACH) : quoted.outer[0]]
    if quoted.is_block or found.rstrip().endswith(":"):
        found = found.rstrip()
    return found[_sentence_start(found) :]


def _sentence_start(found: str) -> int:
    starts = [m.end() for m in _BREAK.finditer(found) if not _SHORT.search(found[: m.end()])]
    return starts[-1] if starts else 0


def _after(text: str, quoted: Quoted) -> str:
    """To the end of the sentence, unless that has ended within the marks."""
    found = text[quoted.outer[1] : quoted.outer[1] + AFTER]
    signed = re.match(r"\s*(?:[—–]|--?)\s*(?=[^\W\d_a-z])|\s*\((?=[^\W\d_a-z])", found)
    if signed:
        return found[: signed.end()] + re.split(r"[\n.;)]", found[signed.end() :])[0]
    ended = quoted.is_block or re.search(r"[.!?…]\s*\Z", text[quoted.start : quoted.end])
    goes_on = re.match(rf"\s*[a-z]|\s*{_NAME.pattern}\s+(?:\w+\s+)?{_SAY}\b", found)
    if ended and not goes_on:
        return ""
    return re.split(r"[.!?;\n“«„]|\s\"", found)[0]


def _named_after(after: str) -> str:
    """“…,” said X; “…,” X said; “…”, according to X; “…” — X; “…” (X)."""
    if signed := re.match(r"\s*(?:[—–]|--?|\()\s*", after):
        named = _NAME.match(after, signed.end())
        return _trimmed(named[0]) if named and Speaker(_trimmed(named[0])).is_person else ""
    if found := re.match(r"[\s,]*(?:as\s+)?(?:according to|in the words of)\s+(.*)", after):
        return _first_name(found[1])
    if found := re.match(rf"[\s,]*(?:as\s+)?(?:has\s+|had\s+)?{_SAY}\s+(?:the\s+)?(.*)", after):
        if _PRONOUN.match(found[1]):
            return found[1].split()[0]
        return _first_name(re.split(r",|\b(?:that|in|at|on|to|when)\b", found[1])[0])
    if found := re.match(rf"[\s,]*(?:as\s+)?(.{{0,80}}?)\s*\b{_SAY}\b", after):
        if re.match(r"(?:and|but|which|while|who|is|are|was|were)\b", found[1].strip()):
            return ""
        return _subject(found[1])
    return ""


def _named_before(before: str) -> str:
    """X said: “…”; according to X, “…”; in the words of X, “…”; X: “…”."""
    before = re.sub(r"\([^()]*\)", " ", before)
    if found := re.search(
        r"(?:according to|in the words of|words of|quot(?:ed|es|ing)|citing|by)\s+(?:the\s+)?"
        r"([^:]*)[:,]?\s*\Z",
        before,
        re.IGNORECASE,
    ):
        name = _first_name(found[1])
        if name and not _SAID.search(found[1]):
            return name
        if name and re.search(r"\bas (?:saying|having said)\b", found[1]):
            return name
    verbs = list(_SAID.finditer(before))
    if verbs and len(before[verbs[-1].end() :].split()) <= 14:
        inverted = re.match(r"\s+(?:the\s+)?(?=[^\W\d_a-z])", before[verbs[-1].end() :])
        subject = _subject(before[: verbs[-1].start()])
        if not subject and inverted:
            return _first_name(before[verbs[-1].end() :])
        return subject
    if re.search(r":\s*\Z", before):
        label = re.search(rf"(?:\A|\n|[.!?]\s)\W*({_NAME.pattern})[^:\n]{{0,30}}:\s*\Z", before)
        return _trimmed(label[1]) if label else ""
    return ""


def _subject(clause: str) -> str:
    """The nearest that can be who speaks: a name, a pronoun, or nobody where a source does."""
    names = [m for m in _NAME.finditer(clause) if _trimmed(m[0])]
    last = names[-1] if names else None
    end = last.end() if last else -1
    pronouns = [m for m in _PRONOUN.finditer(clause) if m.start() >= end]
    if pronouns:
        return pronouns[-1][0]
    sources = [m for m in _SOURCE.finditer(clause) if m.start() >= end]
    if last is None or any(not m[0].lower().startswith(("report", "retold")) for m in sources):
        return ""
    if re.match(r"['’]s\s+\w", clause[end:]) or re.search(r"['’]s\Z", last[0]):
        return "" if not re.search(r"words\s*\Z", clause) else _trimmed(last[0])
    return _trimmed(last[0])


def _first_name(text: str) -> str:
    for match in _NAME.finditer(text):
        if name := _trimmed(match[0]):
            return name if not _SOURCE.search(text[: match.start()]) else ""
    return ""


def _last_name(text: str, pronoun: str) -> str:
    """The last person that was named, to whom a pronoun can refer."""
    names = [_trimmed(match[0]) for match in _NAME.finditer(text)]
    return next((name for name in reversed(names) if Speaker(name).is_person), "")


def _trimmed(name: str) -> str:
    """Without what is capitalised for its place in the sentence alone."""
    words = name.split()
    while words and plain(words[0]) in _NO_NAMES:
        words.pop(0)
    return re.sub(r"['’]s\Z", "", " ".join(words)).rstrip(".")
