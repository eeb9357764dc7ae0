"""The list of organizations and the page of each, its memberships included."""

from django.urls import path
from django.views.generic import RedirectView

from . import views

urlpatterns = [
    path("organizations/", views.organization_list, name="organization-list"),
    path("memberships/", RedirectView.as_view(pattern_name="organization-list")),
    path("organizations/<slug:slug>/", views.organization, name="organization"),
]
