"""What a password must not be made of in a clinic."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from clinic.core.site import institution

WORDS = (
    "yiyuan zhensuo weisheng yisheng hushi yaofang clinic hospital doctor nurse pharmacy "
    "password mima admin guanli"
).split()
_REST = 6


class ClinicWordsValidator:
    """Words that everybody in a clinic tries first don't count as part of a password."""

    def validate(self, password, user=None):
        own = institution()
        words = [*WORDS, own.name, own.short_name, getattr(user, "username", "")]
        rest = password.lower()
        for word in sorted((word.lower() for word in words if word), key=len, reverse=True):
            rest = rest.replace(word, "")
        if rest != password.lower() and len(re.sub(r"\W", "", rest)) < _REST:
            raise ValidationError(self.get_help_text(), code="clinic_word")

    def get_help_text(self):
        return _(
            "Words such as yiyuan, clinic or your user name don't count: "
            "please add at least six other letters or digits."
        )
