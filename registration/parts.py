"""What an outpatient record consists of (R-70), besides vital signs and diagnoses.

Names of fields of `Consultation`, in the order in which they are read and printed.
"""

TEXTS = (
    "complaint",
    "present_illness",
    "past_history",
    "examination",
    "auxiliary",
    "advice",
    "referral_to",
    "referral_reason",
    "sick_reason",
)
DATES = ("sick_from", "sick_until", "follow_up_on")
FLAGS = ("first_visit", "emergency")
PARTS = (*TEXTS, *DATES, *FLAGS)
# What a later visit or a template may bring along. Results belong to their own day, and a sick
# note or a referral is decided anew.
REUSED = ("complaint", "present_illness", "past_history", "examination", "advice")
