from django.apps import AppConfig


class StaffConfig(AppConfig):
    name = "unspoken.staff"
    label = "staff"
    verbose_name = "Staff"
