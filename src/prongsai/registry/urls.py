"""Addresses of the office's pages on agencies and rounds."""

from django.urls import path

from prongsai.registry import views
from prongsai.registry.tables import views as tables

urlpatterns = [
    path("assessments/", views.assessment_list, name="assessment_list"),
    path("agencies/", views.agency_list, name="agency_list"),
    path("agencies/act/", views.act_on_agencies, name="act_on_agencies"),
    path("agencies/import/", views.former_agency_list, name="upload_agency_list"),
    path("agencies/template.csv", views.former_agency_list, name="agency_list_template"),
    path("agencies/import/<int:list_id>/", views.former_agency_list, name="agency_import"),
    path("agencies/<str:code>/edit/", views.edit_agency, name="edit_agency"),
    path("agencies/<str:code>/close/", views.close_agency, name="close_agency"),
    path("agencies/<str:code>/people/", views.agency_appointments, name="agency_appointments"),
    path("tables/", tables.table_list, name="table_list"),
    path("tables/file/<int:file_id>.xlsx", tables.table_file, name="table_file"),
    path("tables/upload/<int:upload_id>/", tables.table_upload, name="table_upload"),
    path("tables/upload/<int:upload_id>/problems.xlsx", tables.table_problems, name="table_problems"),
    path("tables/<slug:table_name>/", tables.table, name="table"),
    path("tables/<slug:table_name>/<int:fiscal_year>/", tables.table, name="round_table"),
    path("interest/", views.declare_interest, name="declare_interest"),
    path("rounds/", views.round_list, name="round_list"),
    path("rounds/<int:fiscal_year>/", views.round_detail, name="round"),
    path("rounds/<int:fiscal_year>/phases/", views.set_phases, name="set_phases"),
    path("rounds/<int:fiscal_year>/status/", views.set_round_status, name="set_round_status"),
    path("rounds/<int:fiscal_year>/take-back/", views.take_back_round, name="take_back_round"),
    path("rounds/<int:fiscal_year>/agencies/", views.enroll_agencies, name="enroll_agencies"),
    path("rounds/<int:fiscal_year>/assign/", views.assign_agencies, name="assign_agencies"),
]
