"""Signing in, the own account, the own computer."""

from django.utils.translation import gettext_lazy as _

from clinic.help.topic import Topic

TOPICS = [
    Topic(
        "login",
        _("Sign in"),
        _(
            "Type your own name and password, then press Enter. After five wrong passwords the "
            "account is closed for 30 minutes; the administrator can give a new one-time password. "
            "Never work under somebody else's name: every entry carries the name of whoever signed "
            "in."
        ),
    ),
    Topic(
        "switch",
        _("Switch user"),
        _(
            "At a shared PC everybody gives the password once a day; after that two clicks and the "
            "own PIN are enough. Set your PIN under your own name first. What was typed before the "
            "switch is kept for its owner."
        ),
        also=("pin_set",),
    ),
    Topic(
        "password_change",
        _("Password"),
        _(
            "A one-time password has to be changed before anything else. Choose at least ten "
            "characters; a short sentence is easy to keep in mind. Nobody else, not even the "
            "administrator, can read it."
        ),
    ),
    Topic(
        "second_step",
        _("One-time code"),
        _(
            "Besides the password, the administrator and the auditor type a six-digit code from the"
            " phone. Keep the printed recovery codes in a locked drawer: each opens the account "
            "once when the phone is lost. Another administrator can reset a lost phone."
        ),
        also=(
            "second_step_setup",
            "new_recovery_codes",
        ),
    ),
    Topic(
        "my_sessions",
        _("My account"),
        _(
            "Here you see on which computers you are signed in and what was typed but not sent. End"
            " a session that you don't know and change your password."
        ),
        also=("kept",),
    ),
    Topic(
        "my_keys",
        _("My keys"),
        _(
            "Each key only presses a button that you see. Take the tick away from a key that your "
            "input method or your browser needs: it is then no longer in any page that you open. "
            "Others are not touched by it."
        ),
    ),
    Topic(
        "home",
        _("No role yet"),
        _(
            "Your account has no role, so there is no page of work for it. Ask the administrator to"
            " give you one under Administration, Users."
        ),
    ),
]
