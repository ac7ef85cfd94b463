"""Keys can be switched off per person: they are then no part of the page (DESIGN.md, section 5)."""

from django.urls import reverse

from security import shortcuts


def test_a_key_that_is_off_is_not_in_the_page_nor_hinted_at(as_, frontdesk):
    client = as_(frontdesk)
    left = [code for code in shortcuts.CODES if code not in ("F9", "q", "1-9", "F2", "x")]

    client.post(reverse("my_keys"), {"on": left})

    page = client.get(reverse("patient_new")).content.decode()
    assert '<html data-keys-off="F9 F2 x q 1-9" ' in page
    assert 'accesskey="s"' in page and "<kbd>Alt S</kbd>" in page and "<kbd>F9</kbd>" not in page
    assert 'accesskey="q"' not in page and "Alt Q" not in page
    assert "jump" not in page and "<kbd>F2</kbd>" not in page


def test_keys_are_ones_own_and_can_be_switched_on_again(as_, frontdesk, nurse):
    client = as_(frontdesk)
    client.post(reverse("my_keys"), {"on": []})

    client.post(reverse("my_keys"), {"on": [*shortcuts.CODES, "made up"]})

    frontdesk.refresh_from_db()
    assert frontdesk.keys_off == "" and nurse.keys_off == ""
    assert "data-keys-off" not in client.get(reverse("patient_new")).content.decode()


def test_every_key_off_fits_into_its_field(frontdesk):
    shortcuts.switch_off(shortcuts.CODES, by=frontdesk)

    frontdesk.refresh_from_db()
    assert shortcuts.switched_off(frontdesk) == shortcuts.CODES


def test_what_somebody_typed_stays_in_the_page_letter_by_letter():
    typed = "<b>x</b> accesskey=&quot;s&quot; &lt;kbd&gt;F9&lt;/kbd&gt;"

    assert typed in shortcuts.without(f"<html lang><p>{typed}</p>", shortcuts.CODES)
