from django.urls import path

from videos import views

app_name = "videos"
urlpatterns = [
    path("", views.VideoList.as_view(), name="list"),
    path("<int:pk>/", views.VideoDetail.as_view(), name="detail"),
    path("<int:pk>/files/<str:name>", views.download, name="file"),
]
