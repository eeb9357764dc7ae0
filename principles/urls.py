"""Lists and pages of principles, leaders, quotations and statements."""

from django.urls import path

from . import views

urlpatterns = [
    path("principles/", views.principle_list, name="principle-list"),
    path("principles/<slug:slug>/", views.principle, name="principle"),
    path("leaders/", views.leader_list, name="leader-list"),
    path("leaders/<slug:slug>/", views.leader, name="leader"),
    path("quotations/", views.quotation_list, name="quotation-list"),
    path("quotations/<slug:slug>/", views.quotation, name="quotation"),
    path("statements/", views.statement_list, name="statement-list"),
    path("statements/<slug:slug>/", views.statement, name="statement"),
]
