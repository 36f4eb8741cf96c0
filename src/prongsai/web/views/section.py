"""The desk of an agency's section: what counts of it, its export for the agency's own host."""

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from prongsai.machines import files
from prongsai.people.background import find_states, say_begun
from prongsai.people.requests import AuthenticatedRequest
from prongsai.registry.access import require_agency_permission
from prongsai.registry.models import Agency
from prongsai.sites.models import SectionExport
from prongsai.sites.queries import public_pages_by_year
from prongsai.web import section_export


@require_agency_permission("sites.answer")
@require_http_methods(["GET", "HEAD", "POST"])
def show_desk(request: AuthenticatedRequest, code: str) -> HttpResponse:
    """What an agency publishes here, what of it counts, and the ZIP for its own host."""
    agency = get_object_or_404(Agency, code=code)
    if request.method == "POST":
        site = f"{request.scheme}://{request.get_host()}"
        say_begun(request, section_export.request_export(agency=agency, site=site, by=request.user))
        return redirect("section_desk", code)
    context = {
        "agency": agency,
        "years": public_pages_by_year(agency),
        "works": find_states((section_export.export_in_background,), agency.code),
        "made": SectionExport.objects.filter(agency=agency).first(),
    }
    return render(request, "web/section_desk.html", context)


@require_agency_permission("sites.answer")
@require_safe
def download(request: AuthenticatedRequest, code: str) -> FileResponse:
    """The latest ZIP."""
    made = get_object_or_404(SectionExport, agency__code=code)
    try:
        content = files.open_file(made.stored_as)
    except FileNotFoundError as error:
        raise Http404 from error
    return FileResponse(
        content, as_attachment=True, filename=f"section-{code}.zip", headers={"Cache-Control": "no-store"}
    )
