"""Addresses of an agency's channels: its desk, and what everybody reads."""

from django.urls import path

from prongsai.sites.views import complaints, consultations, desk, page_parts, pages, public, section, services

_DESK = "desk/agency/<str:code>/"
_PAGE = _DESK + "pages/<int:fiscal_year>/<str:item>/"
_PUBLIC_PAGE = "agency/<str:code>/<int:fiscal_year>/page/<str:item>/"
_COMPLAINT = _DESK + "complaints/<str:case_number>/"

urlpatterns = [
    path("agency/<str:code>/channels/", public.show_channels, name="public_channels"),
    path("agency/<str:code>/channels/<slug:channel>/", public.show_channels, name="public_channel"),
    path("agency/<str:code>/complaint-procedure/", public.show_procedure, name="complaint_procedure"),
    path(
        "agency/<str:code>/<int:fiscal_year>/complaint-statistics/",
        public.show_statistics,
        name="complaint_statistics",
    ),
    path(_DESK + "channels/", desk.overview, name="channels_desk"),
    path(_DESK + "channels/settings/", desk.edit_settings, name="channel_settings"),
    path(_DESK + "channels/statistics/", desk.publish_statistics, name="publish_statistics"),
    path(_DESK + "questions/", desk.list_questions, name="questions"),
    path(_DESK + "questions/<int:question_id>/", desk.answer_question, name="question"),
    path(_DESK + "complaints/", complaints.list_complaints, name="complaints"),
    path(_COMPLAINT, complaints.show, name="complaint"),
    path(_COMPLAINT + "take/", complaints.take, name="complaint_take"),
    path(_COMPLAINT + "write/", complaints.write, name="complaint_write"),
    path(_COMPLAINT + "close/", complaints.close, name="complaint_close"),
    path(_COMPLAINT + "transfer/", complaints.transfer, name="complaint_transfer"),
    path(_COMPLAINT + "raise/", complaints.hand_up, name="complaint_raise"),
    path(_COMPLAINT + "picture/<int:picture>/", complaints.download, name="complaint_picture"),
    path(_DESK + "readiness/", pages.show_readiness, name="readiness"),
    path(_DESK + "readiness/<int:fiscal_year>/", pages.show_readiness, name="readiness_of_year"),
    path(_PAGE, pages.edit_page, name="item_page_edit"),
    path(_PAGE + "file/", pages.file_page, name="item_page_file"),
    path(_DESK + "readiness/<int:fiscal_year>/<str:item>/channels/", pages.file_channels, name="file_channels"),
    path(_PAGE + "version/<int:number>/hide/", pages.hide_version, name="hide_version"),
    path(_DESK + "pages/<int:fiscal_year>/", pages.list_pages, name="item_pages"),
    path(_PAGE + "parts/", page_parts.show_parts, name="page_parts"),
    path(_PAGE + "parts/<int:part_id>/remove/", page_parts.remove_part, name="page_part_remove"),
    path(_PAGE + "parts/table/", page_parts.confirm_table, name="table_draft"),
    path(_DESK + "pages/blank/<str:table>.xlsx", page_parts.download_blank, name="blank_table"),
    path("agency/<str:code>/pages/", section.show_section, name="agency_section"),
    path(_PUBLIC_PAGE, section.show_page, name="item_page"),
    path(_PUBLIC_PAGE + "version/<int:number>/", section.show_version, name="item_page_version"),
    path(_PUBLIC_PAGE + "embed/", section.show_embedded, name="item_page_embed"),
    path(_PUBLIC_PAGE + "file/<int:part_id>.<str:suffix>", section.download_file, name="page_file"),
    path(_PUBLIC_PAGE + "table/<int:table_id>.csv", section.download_table, name="page_table"),
    path("agency/<str:code>/satisfaction/", services.show_satisfaction, name="public_satisfaction"),
    path("agency/<str:code>/<int:fiscal_year>/satisfaction/", services.show_satisfaction, name="satisfaction_of_year"),
    path(_DESK + "services/", services.list_services, name="services"),
    path(_DESK + "services/publish/", services.publish_month, name="publish_satisfaction"),
    path(_DESK + "services/comments/", services.list_comments, name="service_comments"),
    path(_DESK + "services/<int:service_id>/", services.edit_service, name="service"),
    path(_DESK + "services/<int:service_id>/poster.pdf", services.print_poster, name="service_poster"),
    path("agency/<str:code>/consultations/", consultations.list_public, name="public_consultations"),
    path("agency/<str:code>/<int:fiscal_year>/consultations/", consultations.list_public, name="consultations_of_year"),
    path(
        "agency/<str:code>/consultations/<int:consultation_id>/",
        consultations.show_public,
        name="public_consultation",
    ),
    path(_DESK + "consultations/", consultations.list_all, name="consultations"),
    path(_DESK + "consultations/<int:consultation_id>/", consultations.edit, name="consultation"),
    path(_DESK + "consultations/<int:consultation_id>/open/", consultations.start, name="open_consultation"),
    path(_DESK + "consultations/<int:consultation_id>/opinions/", consultations.read_opinions, name="opinions"),
    path(_DESK + "consultations/<int:consultation_id>/result/", consultations.publish, name="consultation_result"),
    path("desk/complaints/", complaints.list_of_office, name="office_complaints"),
]
