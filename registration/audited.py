"""What this app has tracked; values that an entry may show are named."""

from security.audit import track

track(
    "registration.Registration",
    plain=[
        "day",
        "number",
        "state",
        "source",
        "priority",
        "session",
        "called_times",
        "slot",
        "added",
    ]
    + [
        "missed_times",
        "recalled_at",
        "slip_prints",
        "registered_at",
        "entered_at",
        "checked_in_at",
        "triaged_at",
        "started_at",
        "exam_at",
        "away_seconds",
        "finished_at",
        "cancelled_at",
    ],
)
track("registration.Call", plain=["registration", "room", "again"])
track("registration.HandOver", plain=["registration", "from_session", "to_session", "reason"])
track(
    "registration.Consultation",
    plain=["started_at", "finished_at", "version", "first_visit", "emergency"]
    + ["archives_at", "countersign_in"],
)
track("registration.RecordVersion", plain=["number", "written_at"])
track("registration.RecordAddition", plain=["written_at"])
track("registration.Countersignature", plain=["version"])
track("registration.ReportDuty", plain=["state", "due_at", "reported_at", "closed_at"])
track("registration.Diagnosis", plain=["rank", "removed_at"])
track("registration.RecordTemplate", plain=["owner", "kind", "shared", "rank", "active"])
track("registration.Department", plain=["name", "paediatric", "emergency", "discreet", "active"])
track("registration.Area", plain=["name", "numbers_only", "active"])
track("registration.Room", plain=["name", "area"])
track(
    "registration.Clinician",
    plain=["user", "department", "room", "letter", "title", "may_prescribe", "antibiotic_grade"]
    + ["psychotropic_2", "narcotic", "active"],
)
track(
    "registration.WeeklySchedule",
    plain=["clinician", "weekday", "period", "starts", "ends", "room"]
    + ["quota", "online_quota", "slot_minutes", "active"],
)
track(
    "registration.Session",
    plain=["clinician", "room", "date", "period", "starts", "ends"]
    + ["quota", "online_quota", "slot_minutes", "added", "by_hand"]
    + ["open", "stopped_at", "stop_reason", "paused_at"],
)
track("registration.Holiday", plain=["date", "name", "as_weekday", "active"])
track("registration.Booking", plain=["session", "slot", "state", "registration", "ended_at"])
track("registration.StoppedContact", plain=["session", "registration", "booking", "outcome"])
track("registration.EmergencySheet", plain=["clinician", "first", "count"])
track("registration.Icd10Code", plain=["code", "name", "active"])
