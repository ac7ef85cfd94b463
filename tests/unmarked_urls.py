"""The project's URLs and one whose author forgot to say who may open it."""

from django.http import HttpResponse
from django.urls import path

from clinic.urls import urlpatterns as ours


def unmarked(request):
    return HttpResponse("secret")


urlpatterns = [*ours, path("unmarked/", unmarked, name="unmarked")]
