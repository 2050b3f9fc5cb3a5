from django.urls import URLPattern, URLResolver, path

from .stream import events

urlpatterns: list[URLPattern | URLResolver] = [path("live/events", events, name="live-events")]
