from django.urls import path

from videos import brands, library, ordering, views
from videos import pages as many

pages = [
    path("videos/", many.VideoList.as_view(), name="list"),
    path("videos/moving/", many.Moving.as_view(), name="moving"),
    path("videos/bulk/", many.Bulk.as_view(), name="bulk"),
    path("videos/new/", ordering.NewVideo.as_view(), name="new"),
    path("videos/<int:pk>/thumb.jpg", many.Thumb.as_view(), name="thumb"),
    path("voices/<str:name>/sample.wav", ordering.VoiceSample.as_view(), name="voice_sample"),
    path("search/", many.Search.as_view(), name="search"),
    path("videos/<int:pk>/", views.VideoDetail.as_view(), name="detail"),
    path("library/", library.Library.as_view(), name="library"),
    path("library/<int:pk>/", library.AssetPage.as_view(), name="asset"),
    path("library/<int:pk>/card/", library.AssetCard.as_view(), name="asset_card"),
    path("library/<int:pk>/delete/", library.DeleteAsset.as_view(), name="delete_asset"),
    path("library/<int:pk>/file", library.AssetFile.as_view(), name="asset_file"),
    path("library/<int:pk>/thumb.jpg", library.AssetThumb.as_view(), name="asset_thumb"),
    path("brand-kits/preview.jpg", brands.BrandPreview.as_view(), name="brand_preview"),
    path("brand-kits/<int:pk>/logo.png", brands.BrandLogo.as_view(), name="brand_logo"),
    path("videos/<int:pk>/files/<str:name>", views.download, name="file"),
]
