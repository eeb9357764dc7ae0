"""An address of every kind of page."""

from .conftest import GONE

ROOM = "/sources/foreign-policy/v1/"
PAGES = {
    "home": "/",
    "sources": "/sources/",
    "reading room": "/sources/foreign-policy/",
    "permanent address": "/sources/after-gaining-independence/v1/",
    "one claim": f"{ROOM}?claim=mutually-beneficial-cooperation",
    "principles": "/principles/",
    "principle": "/principles/mutually-beneficial-cooperation/",
    "leaders": "/leaders/",
    "leader": "/leaders/heydar-aliyev/",
    "quotations": "/quotations/",
    "direct quotation": "/quotations/heydar-aliyev-on-the-basic-principles/",
    "reported quotation": "/quotations/baku-on-neutrality/",
    "organizations": "/organizations/",
    "organization": "/organizations/cis/",
    "organization, merely named": "/organizations/csto/",
    "statements": "/statements/",
    "statement": "/statements/a-say-in-the-region/",
    "themes": "/tags/",
    "theme": "/tags/geography/",
    "compare": "/compare/",
    "compare, narrowed": "/compare/?show=names",
    "search": "/search/?q=Aliyev",
    "search, nothing found": "/search/?q=karabach",
    "coverage": "/coverage/",
    "changes": "/changes/",
    "history of a claim": "/claims/mutually-beneficial-cooperation/history/",
    "state of a claim": "/claims/mutually-beneficial-cooperation/@1/",
    "history of a withdrawn claim": f"{GONE[1]}history/",
    "state of a withdrawn claim": f"{GONE[1]}@2/",
    "about": "/about/",
    "not found": GONE[0],
    "withdrawn": GONE[1],
}
