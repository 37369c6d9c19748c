"""Events that start the clocks of services besides leaving; the module that knows when announces each."""

from suite.declarations.periods import Event

LICENSE_EXPIRED = Event("license_expired", "the last licence for the service expired")
WORKSPACE_ENDED = Event(
    "workspace_ended", "the licence of the workspace expired, or the limited use granted after it ended"
)
REPORT_UPLOADED = Event("report_uploaded", "the report was uploaded")
TRIAL_ENDED = Event("trial_ended", "the trial ended")
