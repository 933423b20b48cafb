from typing import cast

from django.contrib import admin

from config.kit.site import Operators
from videos import dashboard
from videos.admin.files import ArtifactAdmin, AssetAdmin
from videos.admin.limits import ProviderLimitAdmin, ProviderRestAdmin, RouteStepAdmin
from videos.admin.runs import StageRunAdmin
from videos.admin.videos import VideoAdmin
from videos.admin.voices import VendorVoiceAdmin

__all__ = [
    "ArtifactAdmin",
    "AssetAdmin",
    "ProviderLimitAdmin",
    "ProviderRestAdmin",
    "RouteStepAdmin",
    "StageRunAdmin",
    "VendorVoiceAdmin",
    "VideoAdmin",
]

cast(Operators, admin.site).add_page("providers/", dashboard.providers, name="providers")
