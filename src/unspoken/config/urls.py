"""Every address of the installation."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("unspoken.api.urls")),
    path("", include("unspoken.live.urls")),
    path("", include("unspoken.connectors.urls")),
    path("", include("unspoken.web.urls")),
]
