from django.urls import path

from .pages import receive

urlpatterns = [
    path("hooks/<slug:connector>/<slug:inbox_id>", receive, name="hook"),
]
