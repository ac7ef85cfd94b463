"""Fee items, shifts and the daily report."""

from django.urls import path

from clinic.cashier import views_fees, views_till

urlpatterns = [
    path("fees/", views_fees.fee_list, name="fee_list"),
    path("fees/new/", views_fees.fee_new, name="fee_new"),
    path("fees/<int:pk>/", views_fees.fee_show, name="fee_show"),
    path("fees/import/", views_fees.fee_import, name="fee_import"),
    path("fees/import/<uuid:pk>/", views_fees.fee_import_show, name="fee_import_show"),
    path(
        "fees/import/<uuid:pk>/refused/", views_fees.fee_import_refused, name="fee_import_refused"
    ),
    path("shift/", views_till.shift, name="shift"),
    path("shifts/", views_till.shift_list, name="shift_list"),
    path("shifts/<str:number>/", views_till.shift_show, name="shift_show"),
    path("shifts/<str:number>/close/", views_till.shift_close, name="shift_close"),
    path("report/", views_till.takings, name="takings"),
]
