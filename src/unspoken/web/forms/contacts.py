"""What is asked for about contacts."""

from django import forms

from unspoken.people.models import IdentityKind
from unspoken.privacy.models import Decision, Modality, Purpose

from .pairs import PairsField


class ContactForm(forms.Form):
    """What can be said of a contact."""

    name = forms.CharField(max_length=200)
    title = forms.CharField(max_length=120, required=False, help_text="What they do, such as “Owner”.")
    organisation = forms.CharField(max_length=200, required=False)
    city = forms.CharField(max_length=120, required=False)
    country = forms.CharField(max_length=2, required=False, help_text="Two letters, such as GB.")
    language = forms.CharField(max_length=12, required=False, help_text="Such as en or de-CH.")
    preferences = PairsField(help_text="One a line, such as “contact: phone”.")
    attributes = PairsField(help_text="One a line, such as “cups a day: 180”.")


class NewContactForm(ContactForm):
    """A contact and the address by which to reach them."""

    email = forms.EmailField(required=False, label="E-mail")
    field_order = ["name", "email"]


class IdentityForm(forms.Form):
    """One more handle."""

    kind = forms.ChoiceField(choices=IdentityKind.choices)
    handle = forms.CharField(max_length=254)


class ConsentForm(forms.Form):
    """What a contact decided, and where they said so."""

    modality = forms.ChoiceField(choices=Modality.choices, label="What is read")
    purpose = forms.ChoiceField(choices=Purpose.choices, label="What for")
    decision = forms.ChoiceField(choices=Decision.choices)
    source = forms.CharField(max_length=120, label="Where they said so", help_text="Such as “on the phone, to Ben”.")
