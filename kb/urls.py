"""Public pages and the admin. Addresses are kept for ever: see the README."""

from django.contrib import admin
from django.urls import include, path, register_converter

from .views import checking, claims, compare, history, pages, reading, search

handler400 = "kb.views.errors.bad_request"
handler403 = "kb.views.errors.denied"
handler404 = "kb.views.errors.not_found"
handler500 = "kb.views.errors.server_error"


class Version:
    """The number of a transcription or edition, in its one way of writing: no zero in front."""

    regex = "[1-9][0-9]{0,8}"
    to_python = int
    to_url = str


register_converter(Version, "version")

urlpatterns = [
    path("", reading.home, name="home"),
    path("sources/", reading.source_list, name="source-list"),
    path("sources/<slug:slug>/", reading.source, name="source"),
    path("sources/<slug:slug>/v<version:version>/", reading.transcription, name="transcription"),
    path("claims/<slug:slug>/", claims.claim, name="claim"),
    path("claims/<slug:slug>/history/", history.history, name="claim-history"),
    path("claims/<slug:slug>/@<version:number>/", history.state, name="claim-state"),
    path("", include("principles.urls")),
    path("", include("organizations.urls")),
    path("tags/", pages.tag_list, name="tag-list"),
    path("tags/<str:slug>/", pages.tag, name="tag"),
    path("compare/", compare.compare, name="compare"),
    path("compare/reading/", compare.reading, name="reading"),
    path("compare.csv", compare.table, name="compare-csv"),
    path("search/", search.search, name="search"),
    path("check/", checking.check, name="check"),
    path("coverage/", pages.coverage, name="coverage"),
    path("changes/", pages.changes, name="changes"),
    path("about/", pages.about, name="about"),
    path("admin/", admin.site.urls),
]
