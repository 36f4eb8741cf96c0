"""Addresses of the registry's desks."""

from django.urls import path

from prongsai.registry import views

urlpatterns = [
    path("agencies/", views.agencies, name="desk_agencies"),
    path("agencies/import/", views.upload_list, name="upload_list"),
    path("agencies/template.csv", views.list_template, name="list_template"),
    path("agencies/import/<int:listing_id>/", views.listing, name="listing"),
    path("agencies/<str:code>/edit/", views.edit_agency, name="edit_agency"),
    path("agencies/<str:code>/close/", views.close_agency, name="close_agency"),
    path("agencies/<str:code>/people/", views.agency_people, name="agency_people"),
    path("interest/", views.interest, name="interest"),
    path("rounds/", views.rounds, name="rounds"),
    path("rounds/<int:fiscal_year>/", views.round_detail, name="round"),
    path("rounds/<int:fiscal_year>/phases/", views.set_phases, name="set_phases"),
    path("rounds/<int:fiscal_year>/status/", views.set_status, name="round_status"),
    path("rounds/<int:fiscal_year>/agencies/", views.enrol, name="enrol"),
    path("rounds/<int:fiscal_year>/assign/", views.assign, name="assign"),
]
