"""Settings of an inbox, as a form: what a connector needs, checked before it is kept."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms


class SettingsForm(forms.Form):
    """Base of every connector's form. A secret is never shown again: left empty, the one that is kept stays."""

    secrets: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, settings: Mapping[str, Any] | None = None, **options: Any
    ) -> None:
        self.kept = dict(settings or {})
        shown = {name: value for name, value in self.kept.items() if name not in self.secrets}
        super().__init__(data, initial=shown, **options)
        for name in self.secrets:
            if self.kept.get(name):
                self.fields[name].required = False
                self.fields[name].help_text = "Leave it empty to keep the present one."

    def clean(self) -> dict[str, Any]:
        """Put kept secrets where none was typed."""
        values = super().clean() or {}
        for name in self.secrets:
            values[name] = values.get(name) or self.kept.get(name, "")
        return values

    def settings(self) -> dict[str, Any]:
        """Return the checked values as they go into `Inbox.settings`."""
        return dict(self.cleaned_data)


def secret_field(label: str, *, required: bool = True, help_text: str = "") -> forms.CharField:
    """Return a field for a password or a key."""
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(label=label, required=required, max_length=500, widget=widget, help_text=help_text)
