"""Store: stock, deliveries, documents, counts, recalls, controlled drugs, cold chain, library."""

from django.utils.translation import gettext_lazy as _

from clinic.help.topic import Topic

TOPICS = [
    Topic(
        "stock",
        _("Stock"),
        _(
            "The links at the top are what needs a hand: expired, near expiry, low, frozen. A row "
            "shows what is there, what is still free and what expires first. Press a lot to see "
            "every movement."
        ),
        keys=(
            "F9",
            "Alt Q",
        ),
    ),
    Topic(
        "stock_receive",
        _("Receive a delivery"),
        _(
            "One line per lot: drug, lot, production date, expiry, quantity, price; Enter goes on, "
            "and after the last cell a new line opens. A supplier's Excel list can be read in. F9 "
            "takes the goods in; what is refused is noted with its reason."
        ),
        keys=(
            "F9",
            "F2",
        ),
    ),
    Topic(
        "stock_documents",
        _("Stock documents"),
        _(
            "Issue, transfer, loss and return each have a document of their own. A posted document "
            "is never changed: a counter-document takes it back as a whole. Some kinds need a "
            "second person."
        ),
        also=(
            "stock_paper_new",
            "stock_paper_edit",
            "stock_document",
            "stock_document_print",
            "stock_return",
        ),
    ),
    Topic(
        "stock_ledger",
        _("Ledgers and reports"),
        _(
            "Every movement of a lot or a drug with the balance after it. Reports are chosen by "
            "period and can be printed or saved as Excel."
        ),
        also=(
            "drug_ledger",
            "stock_report",
            "stock_report_of",
        ),
    ),
    Topic(
        "stock_warnings",
        _("Warnings and orders"),
        _(
            "Each warning says what to do; deal with it or let it rest for some days with a reason."
            " The order proposal fills up to the upper limit."
        ),
        also=("stock_orders",),
    ),
    Topic(
        "stock_takes",
        _("Stock-taking"),
        _(
            "Counting goes on while the clinic works; movements meanwhile are taken into account. "
            "Count what lies on the shelf without looking at the screen's number. Differences are "
            "counted again and confirmed by somebody who did not count."
        ),
        also=(
            "stock_take",
            "stock_take_new",
            "stock_take_count",
            "stock_take_found",
            "stock_take_sheet",
            "stock_take_result",
        ),
    ),
    Topic(
        "recall_list",
        _("Recalls"),
        _(
            "A recall freezes the lot everywhere at once. The page leads to the list of patients "
            "who got it. Close it when everything is called, returned or destroyed, and keep the "
            "report."
        ),
        also=(
            "recall_new",
            "recall_show",
        ),
    ),
    Topic(
        "controlled_list",
        _("Controlled drugs"),
        _(
            "Book and shelf must agree at every handover; F2 begins one. Both people sign with "
            "their own password. A difference is reported to the person in charge at once."
        ),
        also=(
            "controlled_book",
            "controlled_book_print",
            "handover_list",
            "handover_new",
            "handover_show",
        ),
        keys=("F2",),
    ),
    Topic(
        "cold_list",
        _("Refrigerators"),
        _(
            "Read each refrigerator twice a day, by 12:00 and by 18:00. Outside 2 to 8 °C write "
            "what you did. The month's sheet can be printed and signed."
        ),
        also=(
            "cold_month",
            "cold_month_print",
            "cold_correct",
            "cold_read",
            "cold_unit_new",
            "cold_unit_edit",
        ),
    ),
    Topic(
        "drug_list",
        _("Drug library"),
        _(
            "What a drug is, how it is packed, its limits and its warnings. A pharmacist compares "
            "the entry with the package and ticks it. A stopped drug stays in old records and can't"
            " be prescribed any more."
        ),
        also=(
            "drug_show",
            "drug_new",
            "drug_change",
            "drug_groups",
        ),
    ),
    Topic(
        "drug_import",
        _("Bring in a drug list"),
        _(
            "Choose the file, say which column is what, look at the doubtful rows, then take it in."
            " The whole import can be taken back."
        ),
        also=(
            "drug_import_show",
            "drug_import_refused",
        ),
        keys=("F9",),
    ),
    Topic(
        "price_list",
        _("Prices"),
        _(
            "A price changes by a document, at once or at a planned time. Stock on the shelf keeps "
            "its cost."
        ),
        also=(
            "price_new",
            "price_show",
            "price_print",
        ),
        keys=("F9",),
    ),
]
