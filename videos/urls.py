from django.urls import path

from videos import brands, views

pages = [
    path("videos/", views.VideoList.as_view(), name="list"),
    path("videos/<int:pk>/", views.VideoDetail.as_view(), name="detail"),
    path("brand-kits/preview.jpg", brands.BrandPreview.as_view(), name="brand_preview"),
    path("brand-kits/<int:pk>/logo.png", brands.BrandLogo.as_view(), name="brand_logo"),
    path("videos/<int:pk>/files/<str:name>", views.download, name="file"),
]
