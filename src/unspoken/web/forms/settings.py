"""What the settings ask for."""

from datetime import datetime, timedelta

from django import forms

from unspoken.connectors.registry import connectors
from unspoken.people.models import Channel
from unspoken.staff.models import Role, Scope, Team


def answering() -> list[tuple[str, str]]:
    """Return the connectors that an inbox can answer through."""
    return [("", "nothing: answers wait here"), *((name, one.title) for name, one in connectors().items())]


class MemberForm(forms.Form):
    """A new member."""

    name = forms.CharField(max_length=120)
    email = forms.EmailField(label="E-mail")
    role = forms.ChoiceField(choices=Role.choices, initial=Role.AGENT)
    password = forms.CharField(
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters. Hand it over in person; they can change it.",
    )
    teams = forms.ModelMultipleChoiceField(
        Team.objects.order_by("name"), required=False, widget=forms.CheckboxSelectMultiple
    )


class RoleForm(forms.Form):
    """What a member may do, and where."""

    role = forms.ChoiceField(choices=Role.choices)
    teams = forms.ModelMultipleChoiceField(
        Team.objects.order_by("name"), required=False, widget=forms.CheckboxSelectMultiple
    )


class TeamForm(forms.Form):
    """A new team."""

    name = forms.CharField(max_length=120)


class QuietForm(forms.Form):
    """When nothing may interrupt, and how often it may otherwise."""

    timezone = forms.CharField(max_length=64, label="Time zone", help_text="Such as Europe/London.")
    quiet_from = forms.TimeField(required=False, label="Quiet from", widget=forms.TimeInput(attrs={"type": "time"}))
    quiet_until = forms.TimeField(required=False, label="Quiet until", widget=forms.TimeInput(attrs={"type": "time"}))
    alerts_per_hour = forms.IntegerField(
        required=False, min_value=0, label="Flags an hour that may interrupt", help_text="Empty: as many as there are."
    )


class NameForm(forms.Form):
    """One's own name."""

    name = forms.CharField(max_length=120, help_text="Colleagues and customers see it.")


class PasswordForm(forms.Form):
    """One's own password."""

    old = forms.CharField(
        label="Present password", widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    new = forms.CharField(
        label="New password", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters.",
    )  # fmt: skip


class InboxForm(forms.Form):
    """An inbox."""

    name = forms.CharField(max_length=120)
    channel = forms.ChoiceField(choices=Channel.choices)
    connector = forms.ChoiceField(choices=answering, required=False, label="Connected to")
    team = forms.ModelChoiceField(Team.objects.order_by("name"), required=False, empty_label="Open to all")


class InboxChangeForm(forms.Form):
    """What of an inbox may change later."""

    name = forms.CharField(max_length=120)
    connector = forms.ChoiceField(choices=answering, required=False, label="Connected to")
    team = forms.ModelChoiceField(Team.objects.order_by("name"), required=False, empty_label="Open to all")
    is_active = forms.BooleanField(required=False, label="In use")


class TokenForm(forms.Form):
    """A key for a program."""

    name = forms.CharField(max_length=120, help_text="What uses it, such as “shop system”.")
    scopes = forms.MultipleChoiceField(choices=Scope.choices, widget=forms.CheckboxSelectMultiple, label="It may")
    days = forms.TypedChoiceField(
        coerce=int,
        choices=[(30, "30 days"), (90, "90 days"), (365, "a year"), (0, "no end")],
        initial=90,
        label="Works for",
    )

    def expires_at(self, now: datetime) -> datetime | None:
        """Return when the token ends, None for never."""
        days = self.cleaned_data["days"]
        return now + timedelta(days=days) if days else None


class CannedForm(forms.Form):
    """A canned reply."""

    title = forms.CharField(max_length=120)
    text = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}), help_text="{contact_name} and {agent_name} are filled in."
    )


class WebhookForm(forms.Form):
    """An address of another system, and what it hears of."""

    url = forms.URLField(max_length=500, label="Address", assume_scheme="https", help_text="A public HTTPS address.")
    description = forms.CharField(max_length=200, required=False)
    kinds = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, label="It hears of",
        choices=[
            ("flag.", "Flags"), ("message.", "Messages, ids only"), ("conversation.", "Conversations"),
            ("reading.", "Corrected readings"), ("contact.", "Contacts"), ("consent.", "Permissions"),
        ],
        help_text="None chosen: of everything. Only ids are sent, never anybody's words.",
    )  # fmt: skip
