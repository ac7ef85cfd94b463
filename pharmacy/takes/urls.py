from django.urls import path

from pharmacy.takes import views, views_count

urlpatterns = [
    path("", views.stock_takes, name="stock_takes"),
    path("new/", views.stock_take_new, name="stock_take_new"),
    path("<str:number>/", views.stock_take, name="stock_take"),
    path("<str:number>/count/", views_count.stock_take_count, name="stock_take_count"),
    path("<str:number>/found/", views_count.stock_take_found, name="stock_take_found"),
    path("<str:number>/sheet/", views_count.stock_take_sheet, name="stock_take_sheet"),
    path("<str:number>/result/", views_count.stock_take_result, name="stock_take_result"),
    path("<str:number>/close/", views.stock_take_close, name="stock_take_close"),
    path("<str:number>/reasons/", views.stock_take_reasons, name="stock_take_reasons"),
    path("<str:number>/confirm/", views.stock_take_confirm, name="stock_take_confirm"),
    path("<str:number>/again/<int:line>/", views.stock_take_again, name="stock_take_again"),
    path("<str:number>/cancel/", views.stock_take_cancel, name="stock_take_cancel"),
]
