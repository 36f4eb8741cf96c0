"""Addresses of the public site and of the desk."""

from django.urls import path

from prongsai.web.views import desk, jobs, open_data, public, rankings, reopening, rules

_RULES = "desk/rules/<int:fiscal_year>/"
_REOPENING = "desk/reopen/<int:fiscal_year>/"
urlpatterns = [
    path("", public.home, name="home"),
    path("search/", public.search, name="search"),
    path("agency/<str:code>/", public.agency, name="agency"),
    path("agency/<str:code>/<int:fiscal_year>/", public.agency, name="agency_year"),
    path("agency/<str:code>/<int:fiscal_year>/receipt.json", public.receipt, name="receipt"),
    path("agency/<str:code>/<int:fiscal_year>/earlier/<int:publication_id>/", public.earlier_result, name="earlier"),
    path(
        "agency/<str:code>/<int:fiscal_year>/earlier/<int:publication_id>/receipt.json",
        public.earlier_receipt,
        name="earlier_receipt",
    ),
    path("methodology/<int:fiscal_year>/rules.json", public.rules_file, name="rules_file"),
    path("compare/", public.compare, name="compare"),
    path("rankings/", rankings.show, name="rankings"),
    path("rankings.<str:form>", rankings.download, name="rankings_file"),
    path("nation/", public.nation, name="nation"),
    path("nation/<int:fiscal_year>/", public.nation, name="nation_year"),
    path("nation/<int:fiscal_year>/corrections/", public.corrections, name="corrections"),
    path("methodology/", public.methodology, name="methodology"),
    path("methodology/<int:fiscal_year>/", public.methodology, name="methodology_year"),
    path("data/", open_data.downloads, name="downloads"),
    path("data/datapackage.json", open_data.datapackage, name="datapackage"),
    path("data/<int:fiscal_year>.<str:form>", open_data.download, name="download"),
    path("design/", public.gallery, name="gallery"),
    path("health", public.health, name="health"),
    path("health/live", public.is_live, name="is_live"),
    path("health/ready", public.is_ready, name="is_ready"),
    path("desk/", desk.desk, name="desk"),
    path("desk/jobs/", jobs.list_jobs, name="jobs"),
    path("desk/jobs/<int:job_id>/cancel/", jobs.cancel_job, name="cancel_job"),
    path("desk/jobs/<int:job_id>/retry/", jobs.retry_job, name="retry_job"),
    path("desk/installation/", desk.installation, name="installation"),
    path(_REOPENING, reopening.list_reopenings, name="reopenings"),
    path(_REOPENING + "<str:code>/item/<str:item>/", reopening.reopen_item, name="reopen_item"),
    path(_REOPENING + "<str:code>/survey/", reopening.reopen_survey, name="reopen_survey"),
    path("desk/rules/", rules.list_rulebooks, name="rulebooks"),
    path(_RULES, rules.show_rulebook, name="rulebook"),
    path(_RULES + "workbook.xlsx", rules.download_workbook, name="rules_workbook"),
    path(_RULES + "workbook/", rules.upload_workbook, name="upload_rules"),
    path(_RULES + "edit/<str:key>/", rules.edit_list, name="edit_rules"),
    path(_RULES + "edit/<str:key>/<str:part>/", rules.edit_part, name="edit_rule"),
    path(_RULES + "rehearse/", rules.rehearse, name="rehearse"),
    path(_RULES + "rehearsal/<int:rehearsal_id>/", rules.show_rehearsal, name="rehearsal"),
    path(_RULES + "rehearsal/<int:rehearsal_id>.csv", rules.download_rehearsal, name="rehearsal_table"),
    path(_RULES + "announce/", rules.announce, name="announce_rules"),
    path(_RULES + "withdraw/", rules.withdraw_rules, name="withdraw_rules"),
    path(_RULES + "discard/", rules.discard_draft, name="discard_rules"),
]
