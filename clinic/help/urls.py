from django.urls import path

from clinic.help import other_pcs, views

urlpatterns = [
    path("", views.help_page, name="help"),
    path("cards/<str:role>/", views.help_card, name="help_card"),
    path("other-pcs/", other_pcs.other_pcs, name="other_pcs"),
    path("other-pcs/ca.crt", other_pcs.other_pcs_file, name="other_pcs_file"),
    path("<str:page>/", views.help_page, name="help_of"),
]
