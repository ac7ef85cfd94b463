from django.urls import path

from pharmacy import views, views_papers

urlpatterns = [
    path("", views.stock_list, name="stock"),
    path("receive/", views.stock_receive, name="stock_receive"),
    path("batches/<int:pk>/", views.stock_ledger, name="stock_ledger"),
    path("documents/", views_papers.stock_documents, name="stock_documents"),
    path("documents/new/<str:kind>/", views_papers.stock_paper_new, name="stock_paper_new"),
    path("documents/<str:number>/", views_papers.stock_document, name="stock_document"),
    path("documents/<str:number>/edit/", views_papers.stock_paper_edit, name="stock_paper_edit"),
    path("documents/<str:number>/post/", views_papers.stock_paper_post, name="stock_paper_post"),
    path(
        "documents/<str:number>/discard/",
        views_papers.stock_paper_discard,
        name="stock_paper_discard",
    ),
    path(
        "documents/<str:number>/reverse/",
        views_papers.stock_document_reverse,
        name="stock_document_reverse",
    ),
    path("documents/<str:number>/return/", views_papers.stock_return, name="stock_return"),
    path(
        "documents/<str:number>/print/",
        views_papers.stock_document_print,
        name="stock_document_print",
    ),
    path("drugs/", views.drug_list, name="drug_list"),
    path("drugs/choices/", views.drug_choices, name="drug_choices"),
    path("drugs/<int:pk>/", views.drug_show, name="drug_show"),
]
