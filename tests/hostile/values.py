"""What is typed where something else belongs; each value carries the mark that it must not leave.

`MARK` names a function, a file, a host and a header that do not exist: wherever one of them is
called, opened, asked or answered, something typed was carried out.
"""

from urllib.parse import quote

MARK = "hxcanary"
HOST = f"{MARK}.invalid"
RENDERED = "HXT-rendered-PL9"  # stands nowhere in what is sent: only a template would make it
SCRIPT = f"<script>{MARK}()</script>"

TEXTS = {
    "empty": "",
    "space": "   ",
    "NUL": "a\0b",
    "control characters": "".join(map(chr, range(1, 32))) + "\x7f\x85",
    "half a surrogate pair": b"\xed\xa0\x80",
    "no UTF-8": b"\xff\xfe\xc3\x28",
    "overlong UTF-8": b"\xc0\xaf\xc0\xae",
    "GB18030": "王秀英".encode("gb18030"),
    "four bytes": "𠮷𪚥👩‍👩‍👧‍👦",
    "combining": "e" + "\u0301" * 300,
    "bidi": "\u202e123\u202d\u2066x\u2069\u200f",
    "invisible": "\u200b\ufeff\u2060",
    "beyond": "\U0010ffff\ufffe\ufdd0",
    "line ends": "a\r\nb\rc\u2028d\x0be",
    "long": "字" * 5000,
    "very long": "x" * 1_000_000,
    "many words": "a " * 30_000,
    "many brackets": "(" * 5000,
}
NUMBERS = {
    name: name
    for name in (
        *("-0", "-1", "0", "1e309", "1E+5", "1e-400", "NaN", "sNaN", "-Infinity", "inf"),
        *("0x1F", "1_000", "01", "1,5", "1.", ".5", "+1", " 7 ", "०", "²", "½", "Ⅷ", "๓"),
        *("０１２", "٣", "一", "1,000,000", "--1", "1;2", "1/0", "0.1e1", "99999999.99"),
        *("0.0000000000001", "32768", "2147483648", "9223372036854775808", "-9223372036854775809"),
        # What a field takes and what is worked out of it may not: doses, prices, packs.
        *("9999", "99999", "999999", "999999g", "9999999", "99999999"),
        *("18446744073709551616", "340282366920938463463374607431768211456"),
    )
} | {
    "401 digits": "1" + "0" * 400,
    "5000 digits": "9" * 5000,
    "long fraction": "0." + "3" * 5000,
}
DATES = {
    name: name
    for name in (
        *("0000-00-00", "0001-01-01", "1000-01-01", "9999-12-31", "10000-01-01", "2026-02-30"),
        *("2026-13-01", "-2026-01-01", "2026-1-1", "20260101", "2026-W01-1", "1969-12-31"),
        *("2026-01-01T25:61", "2026-01-01T00:00:00+99:99", "9999-12-31T23:59", "24:00", "00:60"),
        *(
            "12:00:00.9999999",
            "2026年2月30日",
            "２０２６-０１-０１",
            "0001-01",
            "9999-13",
            "9999-12",
        ),
        *("1900-01-01 00:00:00", "today", "2026-01-01\n2026-01-02", "31/12/9999"),
    )
}
PROGRAMS = {
    "script": SCRIPT,
    "attribute": f"\"'><img src=x onerror={MARK}()>",
    "onto the attribute": f'" autofocus onfocus="{MARK}()" x="',
    "closing tags": f"</textarea></title></option></select>{SCRIPT}",
    "comment": f"--><svg onload={MARK}()>",
    "address": f"javascript:{MARK}()",
    "data address": f"data:text/html,{SCRIPT}",
    "template": '{{ "HXT"|add:"-rendered-PL9" }}{% debug %}{% load static %}',
    "template in braces": '${"HXT"}<%= 7*7 %>#{7*7}{{7*7}}',
    "format": "%s%n%(password)s{0.__class__}{request.user.password}%",
    "SQL": "' OR 1=1; DROP TABLE patients_patient; --",
    "SQL in double quotes": '" UNION SELECT password FROM security_user --',
    "SQL that waits": "1' AND (SELECT SLEEP(9) OR randomblob(900000000)) AND '1'='1",
    "LIKE": "%_%\\%[a-z]",
    "a pattern": "(a+)+$" + "a" * 60 + "!",
    "formula": f'=HYPERLINK("http://{HOST}/","x")',
    "formula of old": f"@SUM(1+1)*cmd|' /C {MARK}'!A0",
    "formula after a tab": f"\t=cmd|'/c {MARK}'!A1",
    "header": f"x\r\nX-{MARK}: 1\r\nSet-Cookie: {MARK}=1\r\n\r\n{SCRIPT}",
    "path up": f"../../../../../../etc/{MARK}",
    "path of Windows": f"..\\..\\{MARK}\\nul:$DATA",
    "absolute path": f"/etc/{MARK}\0.png",
    "an address elsewhere": f"//{HOST}/",
    "an address elsewhere, back": f"/\\{HOST}/",
    "an address that is none": "http://[",
    "an address with a name": f"https://testserver@{HOST}/",
    "shell": f"; touch /tmp/{MARK}; $(touch /tmp/{MARK}) `touch /tmp/{MARK}`",
    "entity": f'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/{MARK}">]><x>&e;</x>',
    "JSON, deep": "[" * 20_000 + "]" * 20_000,
    "JSON": '{"__class__":"x","$ne":null,"a":[1e999]}',
    "pickle": "gASVIAAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOUjAVmYWxzZZSFlFKULg==",
    "escaped twice": quote(quote(f"<{SCRIPT}>'\0../%", safe=""), safe=""),
    "escapes of no characters": "%00%zz%u0041%ff",
}
KEYS = {
    "a row of nobody": "00000000-0000-4000-8000-000000000001",
    "a row as text": "{00000000-0000-4000-8000-000000000001}",
    "a row in capitals": "urn:uuid:00000000-0000-4000-8000-00000000000F",
    "a row MariaDB refuses to write": "4d19694a-9ad4-d0af-77f8-0c5721a68480",
    "nothing as a row": "00000000-0000-0000-0000-000000000000",
    "True": "True",
    "None": "None",
    "on": "on",
    "list": "[]",
    "object": "{}",
}
ALL = {**TEXTS, **NUMBERS, **DATES, **PROGRAMS, **KEYS}
# In an address: what a line of HTTP can hold.
SHORT = {
    name: value
    for name, value in ALL.items()
    if len(value) < 6000 and not (isinstance(value, str) and name == "many brackets")
}
