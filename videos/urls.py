from django.urls import path

from videos import brands, library, views

pages = [
    path("videos/", views.VideoList.as_view(), name="list"),
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
