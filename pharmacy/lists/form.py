"""The field for a supplier's file, and what is said of a file that was read."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pharmacy.lists.file import MAX_BYTES, TOO_BIG

SHOWN = 12  # headings named in the message


class ListForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Or the file itself (Excel xls or xlsx, or CSV)"),
        error_messages={
            "required": gettext_lazy("No file came. Please choose the supplier's list."),
            "empty": gettext_lazy("The file is empty. Please choose the file with the table."),
        },
        widget=forms.FileInput(attrs={"accept": ".xls,.xlsx,.csv,.tsv,.txt"}),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(TOO_BIG)
        return file


def said_of(brought) -> str:
    """What came of the file (a receiving.Brought), in sentences."""
    words = [
        ngettext("%(n)s row was read.", "%(n)s rows were read.", brought.lines)
        % {"n": brought.lines}
    ]
    if brought.doubtful:
        told = ngettext(
            "%(n)s of them is doubtful: please compare it below.",
            "%(n)s of them are doubtful: please compare them below.",
            brought.doubtful,
        )
        words.append(told % {"n": brought.doubtful})
    if brought.unused:
        words.append(_("Not used: %(columns)s.") % {"columns": "、".join(brought.unused[:SHOWN])})
    if not brought.sure:
        words.append(
            _("The encoding is a guess. Where names look wrong, please save the list as xlsx.")
        )
    return " ".join(words)
