"""Apps: how Django knows this application."""

from django.apps import AppConfig

from pipeline.curate.web.site import APP, LABEL


class CuratorsConfig(AppConfig):
    """The curators' page."""

    name = APP
    label = LABEL
