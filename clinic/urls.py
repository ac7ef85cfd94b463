from django.contrib import admin
from django.urls import include, path

from clinic import views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", views.healthz, name="healthz"),
    path("", include("security.urls")),
    path("patients/", include("patients.urls")),
    path("registration/", include("registration.urls")),
    path("booking/", include("registration.booking_urls")),
    path("display/", include("registration.display_urls")),
    path("prescriptions/", include("prescriptions.urls")),
    path("pharmacy/", include("pharmacy.urls")),
    path("help/", include("clinic.help.urls")),
    path("cashier/", include("clinic.cashier.urls")),
    path("statistics/", include("clinic.statistics.urls")),
    path("guide/", include("clinic.guide.urls")),
    path("security/support/", include("clinic.doctor.urls")),
    path("printing/", include("clinic.printing.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "clinic.views.bad_request"
handler403 = "clinic.views.forbidden"
handler404 = "clinic.views.not_found"
handler500 = "clinic.views.server_error"
