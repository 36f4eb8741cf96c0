"""Addresses of disclosures: the agency's desk, the assessor's, the office's, and the public page."""

from django.urls import path

from prongsai.disclosure.views import agency, marking, nation, public

_OWN = "desk/agency/<str:code>/oit/<int:fiscal_year>/"
_MARK = "desk/marking/<str:code>/<int:fiscal_year>/"
urlpatterns = [
    path(_OWN, agency.desk, name="oit_desk"),
    path(f"{_OWN}todo/", agency.todo, name="oit_todo"),
    path(f"{_OWN}confirm/", agency.confirm, name="oit_confirm"),
    path(f"{_OWN}remark/", agency.remark, name="oit_remark"),
    path(f"{_OWN}link/<int:link_id>/mend/", agency.mend, name="oit_mend"),
    path(f"{_OWN}<str:item>/", agency.item, name="oit_item"),
    path(f"{_OWN}<str:item>/look/", agency.look, name="oit_look"),
    path(f"{_OWN}<str:item>/clarify/", agency.clarify, name="oit_clarify"),
    path("desk/marking/", marking.queue, name="marking"),
    path("desk/marking/second/<int:second_id>/", marking.second, name="mark_second"),
    path("desk/marking/decide/<int:filing_id>/<str:item>/", marking.decide, name="mark_decide"),
    path(_MARK, marking.agency, name="marking_agency"),
    path(f"{_MARK}evidence/", marking.evidence, name="marking_evidence"),
    path(f"{_MARK}release/", marking.release, name="marking_release"),
    path(f"{_MARK}<str:item>/", marking.first, name="mark_item"),
    path("desk/agency/<str:code>/snapshot/<str:digest>/", marking.snapshot, name="snapshot"),
    path("desk/oit/<int:fiscal_year>/", nation.nation, name="oit_nation"),
    path("desk/oit/<int:fiscal_year>/draw/", nation.draw, name="oit_draw"),
    path("desk/oit/<int:fiscal_year>/seal/", nation.seal, name="oit_seal"),
    path("agency/<str:code>/<int:fiscal_year>/oit/", public.page, name="oit_page"),
    path("agency/<str:code>/<int:fiscal_year>/oit/embed/", public.embed, name="oit_embed"),
    path("agency/<str:code>/<int:fiscal_year>/oit.html", public.export, name="oit_export"),
    path("agency/<str:code>/<int:fiscal_year>/oit.atom", public.feed, name="oit_feed"),
]
