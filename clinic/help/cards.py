"""The day of each role on one sheet of paper: what to do, with which key, and when it fails."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from security.permissions import Role


@dataclass(frozen=True)
class Card:
    """Six to eight steps, each with its key or none."""

    role: Role
    title: object
    steps: tuple[tuple[object, str], ...]
    trouble: tuple[tuple[object, object], ...]


SIGN_IN = (
    _("Sign in with your own name and password; at a shared PC switch with the PIN."),
    "Alt U",
)
LEAVE = (_("Leaving the PC? Sign out. Nobody works under your name."), "")
KEPT = (
    _("The page says that the server can't be reached"),
    _("Leave the page open: what you typed is kept and goes on when it is back."),
)
DOWN = (
    _("Nothing works"),
    _("Work on paper with the emergency numbers; type it in afterwards with the original time."),
)
FORGOT = (
    _("Password wrong five times"),
    _("The account is closed for 30 minutes, or the administrator gives a one-time password."),
)

CARDS = {
    card.role.value: card
    for card in [
        Card(
            Role.FRONTDESK,
            _("Front desk"),
            (
                SIGN_IN,
                (_("Look whether printed emergency numbers lie in the drawer."), ""),
                (
                    _(
                        "Find the patient: name, initials, end of the phone; or put in the ID "
                        "number."
                    ),
                    "Alt Q",
                ),
                (_("Nobody fits: new file, ID number first, ask about allergies."), "F2"),
                (_("Choose the doctor, register, hand the slip over."), "F9"),
                (_("Booked patients: find, compare the document, check in."), "F9"),
                (_("A doctor is away: call everybody on the list and move them."), ""),
                LEAVE,
            ),
            (
                (
                    _("The slip does not print"),
                    _(
                        "Check paper and cable, open the slip again and press F8. Call by "
                        "number meanwhile."
                    ),
                ),
                KEPT,
                DOWN,
            ),
        ),
        Card(
            Role.NURSE,
            _("Nurse"),
            (
                SIGN_IN,
                (_("Look who is due for a follow-up today."), ""),
                (_("Triage: ask allergies, measure, save; the next opens by itself."), "F9"),
                (_("An emergency or a child with high fever goes first: choose the reason."), ""),
                (
                    _("Treatment room: open the next turn, check name and drug, note the start."),
                    "F9",
                ),
                (_("Skin test: put it on, wait for the bell, read it with a second person."), ""),
                (_("Follow-ups: call who is due, write what was said and the next day."), "F9"),
                LEAVE,
            ),
            (
                (
                    _("A patient feels unwell after an injection"),
                    _("Stop, call the doctor, keep the emergency drugs at hand; write afterwards."),
                ),
                KEPT,
                DOWN,
            ),
        ),
        Card(
            Role.DOCTOR,
            _("Doctor"),
            (
                SIGN_IN,
                (_("Call the next patient."), "F9"),
                (_("Compare the name aloud and look at the allergy line; start."), "F9"),
                (_("Complaint, findings, vital signs."), "Alt 1"),
                (_("Diagnosis: initials, arrow keys, Enter."), "Alt 2"),
                (
                    _("Prescription: initials of the drug, dose, frequency, days; Enter goes on."),
                    "F2",
                ),
                (
                    _("Red alert: choose another drug. Amber: reason and password. Then submit."),
                    "F9",
                ),
                (_("Finish and call the next; print the record if wanted."), "F9"),
            ),
            (
                (
                    _("A prescription came back"),
                    _(
                        "The pharmacist's reason stands on top of it: change and submit again, "
                        "or give your reason."
                    ),
                ),
                KEPT,
                DOWN,
            ),
        ),
        Card(
            Role.PHARMACIST,
            _("Pharmacist"),
            (
                SIGN_IN,
                (_("Handover: count controlled drugs with your colleague, both sign."), "F2"),
                (_("Review: open the next sheet."), "F9"),
                (_("Read what the screen asks you to judge; approve."), "F9"),
                (
                    _(
                        "Not right: write the reason, return it to the doctor. Never change it "
                        "yourself."
                    ),
                    "Alt R",
                ),
                (_("Dispensing: pick by the list, the lot that expires first, scan."), ""),
                (_("Check name, drug, amount, usage; read it aloud; hand out."), "F9"),
                (_("What came back, what expired: write it off the same day."), ""),
            ),
            (
                (
                    _("Screen and shelf don't agree"),
                    _(
                        "Hand out what is really there, tell the storekeeper, have it counted. "
                        "Don't change numbers."
                    ),
                ),
                KEPT,
                DOWN,
            ),
        ),
        Card(
            Role.STOREKEEPER,
            _("Storekeeper"),
            (
                SIGN_IN,
                (_("Read the refrigerators by 12:00 and by 18:00."), ""),
                (_("Look at the warnings: expired, near expiry, low; deal with each."), ""),
                (_("Delivery: compare paper, box and lot; one line per lot; take in."), "F9"),
                (_("Wrong, damaged, less than six months: refuse the line with its reason."), ""),
                (_("Put away: what expires first stands in front."), ""),
                (_("Order from the proposal."), ""),
                (
                    _("Count the shelves named for today, without looking at the screen's number."),
                    "F9",
                ),
            ),
            (
                (
                    _("A lot is recalled"),
                    _(
                        "Begin a recall at once: it freezes the lot everywhere and lists who "
                        "got it."
                    ),
                ),
                KEPT,
                DOWN,
            ),
        ),
        Card(
            Role.CASHIER,
            _("Cashier"),
            (
                SIGN_IN,
                (_("Open your shift: count the change in the drawer."), "F9"),
                (_("Find the bill: digits of the queue number, Enter; or open the first."), "F9"),
                (_("Say the amount, choose the way of payment, type what you were given."), ""),
                (_("Take the money; print the receipt."), "F9"),
                (_("Refund: receipt, lines, reason; the money goes back the way it came."), ""),
                (_("Hand over: count first, then look at the sum; both sign."), "F9"),
                LEAVE,
            ),
            (
                (
                    _("The phone says paid, the screen does not"),
                    _("Look into the payment service's own list before you take money twice."),
                ),
                KEPT,
                DOWN,
            ),
        ),
        Card(
            Role.ADMINISTRATOR,
            _("Administrator"),
            (
                (_("Sign in with password and one-time code."), ""),
                (_("Look at backups: today's is good, the second place answers."), ""),
                (
                    _(
                        "New colleague: make the account, choose the role, hand the one-time "
                        "password over in person."
                    ),
                    "",
                ),
                (_("Somebody left: close the account the same day."), ""),
                (_("Schedule: look over next week, enter holidays and absences."), ""),
                (
                    _(
                        "Once a month: print emergency numbers and check that the key sheet "
                        "lies in the safe."
                    ),
                    "",
                ),
                (
                    _(
                        "Once a quarter: another administrator can sign in, and both phones "
                        "have codes."
                    ),
                    "",
                ),
                (_("Before changes: make a backup."), "F9"),
            ),
            (
                (
                    _("The server is broken"),
                    _(
                        "Key sheet and last backup are enough to go on at another PC: see the "
                        "handbook."
                    ),
                ),
                FORGOT,
                DOWN,
            ),
        ),
    ]
}
