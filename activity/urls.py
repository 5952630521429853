from django.urls import path

from activity import receipt_views, views

urlpatterns = [
    path("verify/", receipt_views.verify, name="receipt-verification"),
    path("integrity/", views.integrity, name="integrity"),
    path("integrity/checks/", views.check, name="integrity-checks"),
    path("integrity/acknowledgement/", views.acknowledge_break, name="integrity-acknowledgement"),
    path("integrity/checkpoints/", views.add_checkpoint, name="integrity-checkpoints"),
    path("integrity/checkpoints/<int:size>/", views.checkpoint, name="integrity-checkpoint"),
    path("integrity/verifier/", views.verifier, name="integrity-verifier"),
]
