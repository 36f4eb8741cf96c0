"""The URLs of disclosures: the desks of agency, assessor and office, and the public page."""

from django.urls import path

from prongsai.disclosure.views import agency, all_items, allocation, marking, nation, public

_AGENCY = "desk/agency/<str:code>/oit/<int:fiscal_year>/"
_ALLOCATION = "desk/rounds/<int:fiscal_year>/allocation/"
_MARKING = "desk/marking/<str:code>/<int:fiscal_year>/"
urlpatterns = [
    path(_AGENCY, agency.show_desk, name="oit_desk"),
    path(f"{_AGENCY}todo/", agency.show_broken_links, name="oit_todo"),
    path(f"{_AGENCY}confirm/", agency.confirm_filing, name="oit_confirm"),
    path(f"{_AGENCY}remark/", agency.add_remark, name="oit_remark"),
    path(f"{_AGENCY}link/<int:link_id>/mend/", agency.replace_link, name="oit_replace_link"),
    path(f"{_AGENCY}all/", all_items.edit_all_items, name="oit_all"),
    path(f"{_AGENCY}<str:item>/", agency.edit_item, name="oit_item"),
    path(f"{_AGENCY}<str:item>/look/", agency.request_checks, name="oit_check"),
    path(f"{_AGENCY}<str:item>/clarify/", agency.clarify_mark, name="oit_clarify"),
    path("desk/marking/", marking.show_queue, name="marking"),
    path("desk/marking/second/<int:review_id>/", marking.review_blind, name="mark_blind_review"),
    path("desk/marking/draw/", marking.draw_dispute, name="draw_dispute"),
    path("desk/marking/return/<int:filing_id>/<str:item>/", marking.return_dispute, name="return_dispute"),
    path("desk/marking/decide/<int:filing_id>/<str:item>/", marking.decide_dispute, name="mark_decide"),
    path(_MARKING, marking.show_agency, name="marking_agency"),
    path(f"{_MARKING}evidence/", marking.collect_evidence, name="marking_evidence"),
    path(f"{_MARKING}release/", marking.release_marks, name="marking_release"),
    path(f"{_MARKING}<str:item>/", marking.mark_item, name="mark_item"),
    path("desk/agency/<str:code>/snapshot/<str:digest>/", marking.show_snapshot, name="snapshot"),
    path("desk/agency/<str:code>/rendered/<str:picture_digest>.webp", marking.show_picture, name="page_picture"),
    path(
        "desk/agency/<str:code>/snapshot/<str:digest>/compare/<int:link_id>/",
        marking.compare_snapshot,
        name="snapshot_comparison",
    ),
    path(_ALLOCATION, allocation.show_allocation, name="allocation"),
    path(f"{_ALLOCATION}draw/", allocation.draw_allocation, name="draw_allocation"),
    path(f"{_ALLOCATION}act/", allocation.act_on_rows, name="act_on_allocation"),
    path(f"{_ALLOCATION}release/", allocation.release_allocation, name="release_allocation"),
    path(f"{_ALLOCATION}take-back/", allocation.take_back_allocation, name="take_back_allocation"),
    path(f"{_ALLOCATION}drop/", allocation.drop_allocation, name="drop_allocation"),
    path("desk/rounds/<int:fiscal_year>/assessors/", allocation.show_assessors, name="assessor_list"),
    path("desk/rounds/<int:fiscal_year>/assessors/act/", allocation.act_on_assessors, name="act_on_assessors"),
    path("desk/oit/<int:fiscal_year>/", nation.show_nation, name="oit_nation"),
    path("desk/oit/<int:fiscal_year>/filings/", nation.list_filings, name="filing_list"),
    path("desk/oit/<int:fiscal_year>/filings/act/", nation.act_on_filings, name="act_on_filings"),
    path("desk/oit/<int:fiscal_year>/filings/export.xlsx", nation.export_filings, name="export_filings"),
    path("desk/oit/<int:fiscal_year>/draw/", nation.sample_for_review, name="oit_sample"),
    path("desk/oit/<int:fiscal_year>/seal/", nation.seal_marks, name="oit_seal"),
    path("desk/oit/<int:fiscal_year>/reopened/<int:reopening_id>/", marking.decide_reopened, name="decide_reopened"),
    path("agency/<str:code>/<int:fiscal_year>/oit/", public.show_page, name="oit_page"),
    path("agency/<str:code>/<int:fiscal_year>/oit/embed/", public.show_embedded, name="oit_embed"),
    path("agency/<str:code>/<int:fiscal_year>/oit/badge.svg", public.show_badge, name="oit_badge"),
    path("agency/<str:code>/<int:fiscal_year>/oit.html", public.export_page, name="oit_export"),
    path("agency/<str:code>/<int:fiscal_year>/oit.atom", public.show_feed, name="oit_feed"),
]
