"""Pages of a file: the file, its columns, the check, the start. Each address can be reloaded and gone back to."""

from uuid import UUID

from django.contrib import messages
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods

from portal.access.middleware import refuse
from portal.audit import log
from portal.audit.verbs import Verb
from portal.bulk.files import flows, jobs, mappings, preview, results
from portal.bulk.files.flows import Flow, flow_of
from portal.bulk.files.forms import MappingForm, mapping_form
from portal.bulk.files.presets import presets_of
from portal.bulk.files.refusal import FileRefused
from portal.bulk.files.upload import BROKEN_OFF, LimitedUpload, StoredFile, came_whole
from portal.bulk.files.upload_form import UploadForm
from portal.bulk.models import Job, Mapping
from portal.bulk.views.posted import takes_form_of
from portal.gateway.zooms import zoom_of
from portal.ui.export import csv_response
from portal.ui.requests import belongs_to, person, scope_of


def job_of(request: HttpRequest, job_id: UUID) -> Job:
    """A file of the person's own, since its job runs with its owner's rights; anything else is a 404."""
    mine = Job.objects.for_scope(scope_of(request)).filter(kind__in=flows.FILE_KINDS, owner=person(request))
    job = get_object_or_404(mine.exclude(file_path="").select_related("owner", "connection"), pk=job_id)
    belongs_to(request, flow_of(job).place)
    return job


def chosen_flow(request: HttpRequest) -> Flow:
    """The kind of file an address names; the import of users when it names none."""
    try:
        return flows.flow_named(request.GET.get("what") or flows.USERS.key, zoom_of(scope_of(request)))
    except KeyError:
        raise Http404 from None


@require_GET
def kinds(request: HttpRequest) -> HttpResponse:
    """Choose what a file is to do: hand-made kinds first, then every write of the specification."""
    words, scope = request.GET.get("q", "")[:200], scope_of(request)
    found = [
        (label, [(endpoint, flow) for endpoint, flow in rows if scope.may(flow.right)])
        for label, rows in flows.operations(words, zoom_of(scope))
    ]
    context = {
        "hand_made": [flow for flow in flows.hand_made().values() if scope.may(flow.right)] if not words else [],
        "groups": [(label, rows) for label, rows in found if rows],
        "words": words,
    }
    return render(request, "bulk/file_kinds.html", context)


@csrf_exempt  # the token is in the body, and the limit must act before the body is read: see _upload
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponseBase:
    """Choose a file."""
    if not scope_of(request).may(chosen_flow(request).right):
        refuse(request, chosen_flow(request).right)
    handler = LimitedUpload(request)
    if request.method == "POST":
        request.upload_handlers = [handler]
    try:
        return _upload(request)
    finally:
        handler.remove_others()


@csrf_protect
def _upload(request: HttpRequest) -> HttpResponseBase:
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        text = "Compressed uploads are not taken. Nothing was stored. Send the file as it is."
        return _upload_page(request, UploadForm(scope_of(request)), text, 415)
    if request.method != "POST":
        account = presets_of(request, chosen_flow(request)).account
        initial = {"connection": account.connection_id} if account else {}
        return _upload_page(request, UploadForm(scope_of(request), initial=initial), "", 200)
    form = UploadForm(scope_of(request), request.POST, request.FILES)
    refused = "" if came_whole(request) else BROKEN_OFF
    if not refused and form.is_valid():
        try:
            return redirect("bulk:import_columns", _make(request, form).pk)
        except FileRefused as refusal:
            refused = str(refusal)
    return _upload_page(request, form, refused, 422)


def _upload_page(request: HttpRequest, form: UploadForm, refused: str, status: int) -> HttpResponse:
    belongs_to(request, chosen_flow(request).place)
    flow = chosen_flow(request)
    presets = presets_of(request, flow)
    context = {"form": form, "refused": refused, "usable": form.usable, "flow": flow, "presets": presets.facts}
    return render(request, "bulk/import_upload.html", context, status=status)


def _make(request: HttpRequest, form: UploadForm) -> Job:
    stored: StoredFile = form.cleaned_data["file"]
    connection, name = form.cleaned_data["connection"], stored.name or "file.csv"
    flow = flows.flow_named(chosen_flow(request).key, connection.zoom)
    job = jobs.create(person(request), connection, stored.path, name, flow)
    stored.is_taken = True
    presets_of(request, flow).put(job)
    return job


@require_http_methods(["GET", "HEAD", "POST"])
def columns(request: HttpRequest, job_id: UUID) -> HttpResponseBase:
    """Say how the file is to be read and what its columns mean."""
    job = job_of(request, job_id)
    if job.state not in jobs.BEFORE_START:
        return redirect("bulk:job", job.pk)
    form = mapping_form(job, scope_of(request), request.POST if request.method == "POST" else None)
    if request.method == "POST":
        form.is_valid()
        layout = form.layout() if form.can_be_read() else None
        if layout is not None and layout.as_dict() != job.options["layout"]:
            return _read_again(request, job, form)
        if form.is_valid():
            try:
                jobs.submit(job, form.mapping(), form.constants(), short_ok=form.cleaned_data["short_ok"])
            except FileRefused as refusal:
                form.add_error(None, str(refusal))
            else:
                _keep(request, job, form)
                return redirect("bulk:import_check", job.pk)
    return _columns_page(request, job, form, 422 if form.errors else 200)


def _keep(request: HttpRequest, job: Job, form: MappingForm) -> None:
    if name := form.cleaned_data["save_as"].strip():
        mappings.keep(job, person(request), name, shared=form.cleaned_data.get("shared", False))
        messages.success(request, f"The mapping “{name}” is kept and offered to the next file with these columns.")


@takes_form_of("bulk:import_columns")
def mapping(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Take a kept mapping, or forget it."""
    job = job_of(request, job_id)
    if job.state not in jobs.BEFORE_START:
        return redirect("bulk:job", job.pk)
    number = request.POST.get("mapping", "")
    known = Mapping.objects.for_scope(scope_of(request)).filter(flow=flow_of(job).key)
    kept = get_object_or_404(known, pk=int(number) if number.isascii() and number.isdigit() and len(number) < 19 else 0)
    if request.POST.get("do") == "forget":
        if kept.owner_id != person(request).pk:
            raise Http404
        kept.delete()
        messages.success(request, f"The mapping “{kept}” is forgotten.")
    else:
        mappings.apply(job, kept)
        messages.info(request, f"The mapping “{kept}” was taken. Look at it, then go on.")
    return redirect("bulk:import_columns", job.pk)


def _read_again(request: HttpRequest, job: Job, form: MappingForm) -> HttpResponseBase:
    """Another encoding, delimiter or header: nothing is checked before the person has seen what comes of it."""
    try:
        jobs.relay(job, form.layout(), form.chosen())
    except FileRefused as refusal:
        form.add_error(None, str(refusal))
        return _columns_page(request, job, form, 422)
    messages.info(request, "The file was read again. Look at the sample, then go on.")
    return redirect("bulk:import_columns", job.pk)


def _columns_page(request: HttpRequest, job: Job, form: MappingForm, status: int) -> HttpResponse:
    rows = preview.sample(job)
    fields = [
        (bound, [(row.line, row.cells[n] if n < len(row.cells) else "") for row in rows]) for n, bound in form.columns()
    ]
    lines = [row.line for row in rows]
    context = {
        "job": job,
        "flow": form.flow,
        "form": form,
        "fields": fields,
        "lines": lines,
        "doubts": form.doubts,
        "kept": mappings.fitting(job, scope_of(request)),
        "me": person(request),
    }
    return render(request, "bulk/import_columns.html", context, status=status)


@require_GET
def errors(request: HttpRequest, job_id: UUID) -> StreamingHttpResponse:
    """Download the rows that cannot be used, with what is wrong."""
    job = job_of(request, job_id)
    log.record(Verb.EXPORTED, actor=person(request), connection=job.connection, target=f"errors of {job.title}")
    return results.errors_response(job)


@require_GET
def sample(request: HttpRequest) -> StreamingHttpResponse:
    """Download a small file to start from: a header, and a row where there is one to show."""
    flow = chosen_flow(request)
    header, row = flow.sample
    if not header:
        header, row = tuple(column.name for column in flow.columns()), ()
    return csv_response(f"sample-{flow.key}.csv", header, [row] if row else [])
