from django.urls import path

from videos import (
    brands,
    library,
    order_pages,
    ordering,
    proposal_pages,
    scene_pages,
    studio,
    uploads_api,
    voice_pages,
)
from videos import pages as many
from videos.api import urls as endpoints

_ONE = "videos/<int:pk>/"
_PROPOSAL = "videos/<int:pk>/proposals/<int:number>/"
_SCENE = "videos/<int:pk>/scenes/<str:uid>/"

pages = [
    path("videos/", many.VideoList.as_view(), name="list"),
    path("videos/moving/", many.Moving.as_view(), name="moving"),
    path("videos/bulk/", many.Bulk.as_view(), name="bulk"),
    path("videos/new/", ordering.NewVideo.as_view(), name="new"),
    path("videos/new/page/", ordering.PageOfTheWeb.as_view(), name="page"),
    path("voices/", voice_pages.Voices.as_view(), name="voices"),
    path("voices/list/", voice_pages.ListVoices.as_view(), name="list_voices"),
    path("voices/<int:pk>/consent/", voice_pages.RecordConsent.as_view(), name="record_consent"),
    path(
        "voices/consents/<int:pk>/withdraw/",
        voice_pages.WithdrawConsent.as_view(),
        name="withdraw_consent",
    ),
    path("videos/new/estimate/", ordering.Estimated.as_view(), name="new_estimate"),
    path("voices/<str:name>/sample.wav", ordering.VoiceSample.as_view(), name="voice_sample"),
    path("search/", many.Search.as_view(), name="search"),
    path(_ONE, studio.Studio.as_view(), name="detail"),
    path(_ONE + "status/", studio.Status.as_view(), name="status"),
    path(_ONE + "costs/", studio.Costs.as_view(), name="costs"),
    path(_ONE + "accept/", studio.AcceptClaims.as_view(), name="accept"),
    path(_ONE + "approve/", studio.Approve.as_view(), name="approve"),
    path(_ONE + "do/<str:act>/", studio.Act.as_view(), name="act"),
    path(_ONE + "stages/<str:stage>/retry/", studio.Retry.as_view(), name="retry"),
    path(_ONE + "duplicate/", studio.Duplicate.as_view(), name="duplicate"),
    path(_ONE + "delete/", studio.Delete.as_view(), name="delete"),
    path(_ONE + "hook/", scene_pages.PickHook.as_view(), name="hook"),
    path(_ONE + "details/", studio.Details.as_view(), name="details"),
    path(_ONE + "order/", order_pages.OrderAgain.as_view(), name="order"),
    path(_PROPOSAL, proposal_pages.ShowProposal.as_view(), name="proposal"),
    path(_PROPOSAL + "<str:act>/", proposal_pages.AnswerProposal.as_view(), name="answer_proposal"),
    path(_ONE + "versions/<int:number>/", studio.Version.as_view(), name="version"),
    path(_ONE + "thumb.jpg", many.Thumb.as_view(), name="thumb"),
    path(_ONE + "files/<str:name>", studio.Download.as_view(), name="file"),
    path(_ONE + "scenes/", scene_pages.AddScene.as_view(), name="add_scene"),
    path(_SCENE, scene_pages.ShowScene.as_view(), name="scene"),
    path(_SCENE + "edit/", scene_pages.EditScene.as_view(), name="edit_scene"),
    path(_SCENE + "remove/", scene_pages.RemoveScene.as_view(), name="remove_scene"),
    path(_SCENE + "move/", scene_pages.MoveScene.as_view(), name="move_scene"),
    path(_SCENE + "split/", scene_pages.SplitScene.as_view(), name="split_scene"),
    path(_SCENE + "merge/", scene_pages.MergeScene.as_view(), name="merge_scene"),
    path(_SCENE + "picture/", scene_pages.PickAsset.as_view(), name="pick"),
    path(_SCENE + "another/", scene_pages.AnotherPicture.as_view(), name="another_picture"),
    path(_SCENE + "rewrite/", proposal_pages.Rewrite.as_view(), name="rewrite"),
    path(_SCENE + "still.jpg", studio.Still.as_view(), name="still"),
    path("library/", library.Library.as_view(), name="library"),
    path("library/<int:pk>/", library.AssetPage.as_view(), name="asset"),
    path("library/<int:pk>/delete/", library.DeleteAsset.as_view(), name="delete_asset"),
    path("library/<int:pk>/file", library.AssetFile.as_view(), name="asset_file"),
    path("library/<int:pk>/thumb.jpg", library.AssetThumb.as_view(), name="asset_thumb"),
    path("brand-kits/preview.jpg", brands.BrandPreview.as_view(), name="brand_preview"),
    path("brand-kits/<int:pk>/logo.png", brands.BrandLogo.as_view(), name="brand_logo"),
]

api = [
    path("uploads/", uploads_api.UploadList.as_view(), name="uploads"),
    path("uploads/<uuid:uid>/", uploads_api.UploadOne.as_view(), name="upload"),
    *endpoints.paths,
]
