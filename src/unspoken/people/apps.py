from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "unspoken.people"
    label = "people"
    verbose_name = "People"
