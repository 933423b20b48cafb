from django.urls import path

from channels_app import api as endpoints
from channels_app import kit_views, views, youtube_pages

pages = [
    path("channels/", views.ChannelList.as_view(), name="list"),
    path("channels/new/", views.NewChannel.as_view(), name="new"),
    path("channels/new/look/", views.ShownLook.as_view(), name="shown_look"),
    path("channels/<int:pk>/", views.ChannelDetail.as_view(), name="detail"),
    path(
        "channels/<int:pk>/uploads/<int:upload>/retry/",
        views.RetryUpload.as_view(),
        name="retry_upload",
    ),
    path("channels/youtube/back/", youtube_pages.Back.as_view(), name="youtube_back"),
    path(
        "channels/<int:pk>/youtube/connect/",
        youtube_pages.Connect.as_view(),
        name="youtube_connect",
    ),
    path(
        "channels/<int:pk>/youtube/confirm/",
        youtube_pages.Confirm.as_view(),
        name="youtube_confirm",
    ),
    path(
        "channels/<int:pk>/youtube/disconnect/",
        youtube_pages.Disconnect.as_view(),
        name="youtube_disconnect",
    ),
    path("brand-kits/", kit_views.BrandKitList.as_view(), name="brand_kits"),
    path("brand-kits/new/", kit_views.NewBrandKit.as_view(), name="new_brand_kit"),
    path("brand-kits/advice/", kit_views.Advice.as_view(), name="brand_advice"),
    path("brand-kits/<int:pk>/", kit_views.BrandKitDetail.as_view(), name="brand_kit"),
    path(
        "brand-kits/<int:pk>/delete/",
        kit_views.DeleteBrandKit.as_view(),
        name="delete_brand_kit",
    ),
]
api = [
    path("channels/", endpoints.ChannelList.as_view(), name="channels"),
    path("channels/<int:pk>/", endpoints.ChannelOne.as_view(), name="channel"),
    path("brand-kits/", endpoints.BrandKitList.as_view(), name="brand_kits"),
    path("brand-kits/<int:pk>/", endpoints.BrandKitOne.as_view(), name="brand_kit"),
]
