from django.apps import AppConfig


class KitConfig(AppConfig):
    name = "config.kit"
    label = "kit"
