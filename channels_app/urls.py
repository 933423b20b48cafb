from django.urls import path

from channels_app import api as endpoints
from channels_app import kit_views, views

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
