"""The public pages; `--public-url` serves them to the world, so nothing else may be put here.

No address below names a person or a booking.
"""

from django.urls import path

from registration.views import online, own_booking

urlpatterns = [
    path("", online.booking, name="booking"),
    path("<int:department>/", online.booking_doctors, name="booking_doctors"),
    path("at/<int:session>/", online.booking_times, name="booking_times"),
    path("at/<int:session>/person/", online.booking_person, name="booking_person"),
    path("mine/", own_booking.booking_mine, name="booking_mine"),
    path("mine/cancel/", own_booking.booking_cancel, name="booking_cancel"),
    path("mine/change/", own_booking.booking_change, name="booking_change"),
]
