"""Addresses of the print shop."""

from django.urls import path

from prongsai.documents import views

_OWN = "desk/agency/<str:code>/"
urlpatterns = [
    path(_OWN + "papers/", views.papers, name="papers_front"),
    path(_OWN + "papers/style/", views.style, name="papers_style"),
    path(_OWN + "papers/emblem/", views.emblem, name="papers_emblem"),
    path(_OWN + "papers/template/<str:kind>/", views.template, name="papers_template"),
    path(_OWN + "papers/template/<str:kind>/starter.docx", views.starter, name="papers_starter"),
    path(_OWN + "papers/<int:fiscal_year>/", views.papers, name="papers"),
    path(_OWN + "papers/<int:fiscal_year>/memo/new/", views.write_memo, name="write_memo"),
    path(_OWN + "papers/<int:fiscal_year>/<str:kind>/", views.preview, name="paper_preview"),
    path(_OWN + "papers/<int:fiscal_year>/<str:kind>/issue/", views.issue, name="paper_issue"),
    path(_OWN + "paper/<int:paper_id>.<str:form>", views.file, name="paper_file"),
    path(_OWN + "memo/<int:memo_id>/", views.memo, name="memo"),
    path(_OWN + "memo/<int:memo_id>/sign/", views.sign, name="memo_sign"),
    path(_OWN + "memo/<int:memo_id>/redirect/", views.redirect_memo, name="memo_redirect"),
    path(_OWN + "memo/<int:memo_id>/paper.<str:form>", views.memo_paper, name="memo_paper"),
    path("desk/results/<int:result_set_id>/papers/", views.batch, name="papers_batch"),
]
