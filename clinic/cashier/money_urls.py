"""The cashier's list, bills, receipts and refunds."""

from django.urls import path

from clinic.cashier import views_money, views_receipts

urlpatterns = [
    path("", views_money.cashier, name="cashier"),
    path("rows/", views_money.cashier_rows, name="cashier_rows"),
    path("bills/<uuid:pk>/", views_money.bill, name="bill"),
    path("bills/<uuid:pk>/put-off/", views_money.bill_put_off, name="bill_put_off"),
    path("bills/<uuid:pk>/add/", views_money.bill_add, name="bill_add"),
    path("added/<uuid:pk>/take-off/", views_money.bill_take_off, name="bill_take_off"),
    path("receipts/<uuid:pk>/", views_receipts.receipt_show, name="receipt_show"),
    path("receipts/<uuid:pk>/paper/", views_receipts.receipt_paper, name="receipt_paper"),
    path("receipts/<uuid:pk>/refund/", views_receipts.receipt_refund, name="receipt_refund"),
]
