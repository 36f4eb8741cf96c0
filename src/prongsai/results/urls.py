"""URLs of an agency's own desk, imports, and the result sets of the national office."""

from django.urls import path

from prongsai.results import views

urlpatterns = [
    path("agency/<str:code>/", views.agency_desk, name="agency_desk"),
    path("agency/<str:code>/import/", views.upload_document, name="upload_document"),
    path("agency/<str:code>/type/", views.type_result, name="type_result"),
    path("agency/<str:code>/import/<int:import_id>/", views.review_document, name="import_document"),
    path("agency/<str:code>/import/<int:import_id>/<int:number>.jpg", views.show_cutting, name="import_cutting"),
    path("results/", views.list_result_sets, name="result_sets"),
    path("results/<int:result_set_id>/", views.show_result_set, name="result_set"),
    path("results/<int:result_set_id>/publish/", views.publish, name="publish"),
    path("results/<int:result_set_id>/withdraw/", views.withdraw, name="withdraw"),
    path("results/<int:result_set_id>/opening/", views.open_receipt, name="open_receipt"),
    path("results/run/<int:fiscal_year>/", views.run_round, name="run_round"),
    path("results/nation/", views.upload_bulk, name="upload_bulk"),
    path("results/nation/<int:import_id>/", views.bulk_import, name="bulk_import"),
]
