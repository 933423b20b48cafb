from django.urls import path

from videos import views

pages = [
    path("videos/", views.VideoList.as_view(), name="list"),
    path("videos/<int:pk>/", views.VideoDetail.as_view(), name="detail"),
    path("videos/<int:pk>/files/<str:name>", views.download, name="file"),
]
