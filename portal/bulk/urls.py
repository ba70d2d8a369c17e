"""Addresses of jobs, below /jobs/."""

from django.urls import path

from portal.bulk.files.urls import urlpatterns as imports
from portal.bulk.views import actions, budget, deciding, job, listing, retrying, second, taking_back, twins, unstarted

app_name = "bulk"
urlpatterns = [
    path("", listing.listing, name="list"),
    path("unstarted/", unstarted.listing, name="unstarted"),
    path("unstarted/choose/", unstarted.choose, name="choose"),
    path("unstarted/discard/", unstarted.Discard.as_view(), name="discard"),
    path("budget/", budget.budget, name="budget"),
    path("twins/<int:item_id>/", twins.twin, name="twin"),
    *imports,
    path("<uuid:job_id>/", job.job, name="job"),
    path("<uuid:job_id>/progress/", job.progress, name="progress"),
    path("<uuid:job_id>/result.csv", job.result, name="result"),
    path("<uuid:job_id>/approval/", second.approval, name="approval"),
    path("<uuid:job_id>/start/", actions.start, name="start"),
    path("<uuid:job_id>/later/", taking_back.schedule, name="schedule"),
    path("<uuid:job_id>/undo/", taking_back.undo, name="undo"),
    path("<uuid:job_id>/pause/", actions.pause, name="pause"),
    path("<uuid:job_id>/resume/", actions.resume, name="resume"),
    path("<uuid:job_id>/cancel/", actions.Cancel.as_view(), name="cancel"),
    path("<uuid:job_id>/retry/", retrying.Retry.as_view(), name="retry"),
    path("<uuid:job_id>/items/<int:item_id>/decide/", deciding.decide, name="decide"),
    path("<uuid:job_id>/decide/", deciding.decide_many, name="decide_many"),
]
