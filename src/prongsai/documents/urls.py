"""Addresses of the pages of documents."""

from django.urls import path

from prongsai.documents import views

_AGENCY = "desk/agency/<str:code>/"
urlpatterns = [
    path(_AGENCY + "papers/", views.papers, name="papers_newest"),
    path(_AGENCY + "papers/style/", views.document_settings, name="papers_settings"),
    path(_AGENCY + "papers/emblem/", views.emblem, name="papers_emblem"),
    path(_AGENCY + "papers/template/<str:kind>/", views.template, name="papers_template"),
    path(_AGENCY + "papers/template/<str:kind>/starter.docx", views.starter, name="papers_starter"),
    path(_AGENCY + "papers/<int:fiscal_year>/", views.papers, name="papers"),
    path(_AGENCY + "papers/<int:fiscal_year>/memo/new/", views.write_memo, name="write_memo"),
    path(_AGENCY + "papers/<int:fiscal_year>/<str:kind>/", views.preview, name="paper_preview"),
    path(_AGENCY + "papers/<int:fiscal_year>/<str:kind>/text/", views.edit_text, name="edit_text"),
    path(_AGENCY + "papers/<int:fiscal_year>/<str:kind>/memo/", views.write_register_memo, name="write_register_memo"),
    path(_AGENCY + "papers/<int:fiscal_year>/<str:kind>/issue/", views.issue, name="paper_issue"),
    path(_AGENCY + "papers/<int:fiscal_year>/<str:kind>/state/", views.offered_paper, name="offered_paper"),
    path(_AGENCY + "paper/<int:paper_id>.<str:form>", views.file, name="paper_file"),
    path(_AGENCY + "memo/<int:memo_id>/", views.memo, name="memo"),
    path(_AGENCY + "memo/<int:memo_id>/sign/", views.sign_memo, name="memo_sign"),
    path(_AGENCY + "memo/<int:memo_id>/redirect/", views.redirect_memo, name="memo_redirect"),
    path(_AGENCY + "memo/<int:memo_id>/number/", views.number_memo, name="memo_number"),
    path(_AGENCY + "memo/<int:memo_id>/signed/", views.record_hand, name="memo_signed"),
    path(_AGENCY + "memo/<int:memo_id>/signed/<int:record_id>/", views.signed_scan, name="memo_scan"),
    path(_AGENCY + "memo/<int:memo_id>/signed/<int:record_id>/withdraw/", views.withdraw_hand, name="memo_unsigned"),
    path(_AGENCY + "memo/<int:memo_id>/files/write/", views.write_memo_files, name="write_memo_files"),
    path(_AGENCY + "memo/<int:memo_id>/files/", views.memo_files, name="memo_files"),
    path(_AGENCY + "memo/<int:memo_id>/paper.<str:form>", views.memo_file, name="memo_file"),
    path("desk/results/<int:result_set_id>/papers/", views.batch, name="papers_batch"),
]
