"""Signing in and out."""

import contextlib
from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

REST = 15 * 60
"""Seconds after the first wrong password in which the tries below are counted."""

TRIES, TRIES_FROM_ONE_PLACE = 8, 40
"""Wrong passwords for one member from one network address, and for anybody from there, before they have to wait.

Counted by place, so that nobody can lock a member out from elsewhere; each server process counts for itself.
"""


class SignIn(LoginView):
    """E-mail and password; whoever guesses has to wait."""

    template_name = "web/sign_in.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
        """Check the password, unless too many were wrong lately: then not even that, right or wrong."""
        if any(cache.get(key, 0) >= most for key, most in _counts(request)):
            form = self.form_class(request, initial={"username": request.POST.get("username", "")})
            return self.render_to_response(self.get_context_data(form=form, resting=REST // 60), status=429)
        return super().post(request, *args, **options)

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        """Count the try."""
        for key, _ in _counts(self.request):
            cache.add(key, 0, REST)
            with contextlib.suppress(ValueError):  # it ran out just now
                cache.incr(key)
        return super().form_invalid(form)

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        """Forget the member's wrong tries."""
        cache.delete(_counts(self.request)[0][0])
        return super().form_valid(form)


def _counts(request: HttpRequest) -> tuple[tuple[str, int], tuple[str, int]]:
    """Return what wrong tries are counted under, each with how many there may be."""
    place, name = request.META.get("REMOTE_ADDR", ""), request.POST.get("username", "").strip().lower()[:254]
    return (f"sign-in:{place}:{name.encode().hex()[:200]}", TRIES), (f"sign-in:{place}", TRIES_FROM_ONE_PLACE)


class SignOut(LogoutView):
    """Ends the session; by POST only."""
