from django.urls import path

from clinic.help import views

urlpatterns = [
    path("", views.help_page, name="help"),
    path("cards/<str:role>/", views.help_card, name="help_card"),
    path("<str:page>/", views.help_page, name="help_of"),
]
