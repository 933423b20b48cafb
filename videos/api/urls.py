from django.urls import path

from videos.api import assets, costs, proposals, runs, scenes, scripts, videos, voices

_ONE = "videos/<int:pk>/"
_SCENE = _ONE + "scenes/<str:uid>/"
_PROPOSAL = _ONE + "proposals/<int:proposal>/"
_VERSION = _ONE + "script-versions/<int:number>/"

paths = [
    path("videos/", videos.VideoList.as_view(), name="videos"),
    path(_ONE, videos.VideoOne.as_view(), name="video"),
    path(_ONE + "costs/", costs.VideoCosts.as_view(), name="video_costs"),
    path("estimates/", costs.Estimates.as_view(), name="estimates"),
    path(_ONE + "produce/", videos.Produce.as_view(), name="produce"),
    path(_ONE + "read-again/", videos.ReadAgain.as_view(), name="read_again"),
    path(_ONE + "pause/", videos.Pause.as_view(), name="pause"),
    path(_ONE + "resume/", videos.Resume.as_view(), name="resume"),
    path(_ONE + "cancel/", videos.Cancel.as_view(), name="cancel"),
    path(_ONE + "approve/", videos.Approve.as_view(), name="approve"),
    path(_ONE + "accept-claims/", videos.AcceptClaims.as_view(), name="accept_claims"),
    path(_ONE + "publish/", videos.Publish.as_view(), name="publish"),
    path(_ONE + "duplicate/", videos.Duplicate.as_view(), name="duplicate"),
    path(_ONE + "restore/", videos.Restore.as_view(), name="restore"),
    path(_ONE + "scenes/", scenes.SceneList.as_view(), name="scenes"),
    path(_ONE + "hook/", scenes.BeginWith.as_view(), name="hook"),
    path(_SCENE, scenes.SceneOne.as_view(), name="scene"),
    path(_SCENE + "move/", scenes.Move.as_view(), name="move"),
    path(_SCENE + "split/", scenes.Split.as_view(), name="split"),
    path(_SCENE + "merge/", scenes.Merge.as_view(), name="merge"),
    path(_SCENE + "proposals/", proposals.ProposalList.as_view(), name="proposals"),
    path(_PROPOSAL, proposals.ProposalOne.as_view(), name="proposal"),
    path(_PROPOSAL + "ask/", proposals.Ask.as_view(), name="ask_proposal"),
    path(_PROPOSAL + "take/", proposals.Take.as_view(), name="take_proposal"),
    path(_PROPOSAL + "drop/", proposals.Drop.as_view(), name="drop_proposal"),
    path(_ONE + "script-versions/", scripts.VersionList.as_view(), name="script_versions"),
    path(_ONE + "script-versions/current/name/", scripts.NameNow.as_view(), name="name_now"),
    path(_VERSION, scripts.VersionOne.as_view(), name="script_version"),
    path(_VERSION + "name/", scripts.NameVersion.as_view(), name="name_version"),
    path(_VERSION + "diff/", scripts.Diff.as_view(), name="script_diff"),
    path(_VERSION + "restore/", scripts.RestoreVersion.as_view(), name="restore_version"),
    path(_ONE + "runs/", runs.RunList.as_view(), name="runs"),
    path(_ONE + "runs/<str:stage>/retry/", runs.Retry.as_view(), name="retry"),
    path(_ONE + "artifacts/", runs.Artifacts.as_view(), name="artifacts"),
    path(_ONE + "files/<str:name>", runs.File.as_view(), name="file"),
    path("voices/", voices.VoiceList.as_view(), name="voices"),
    path("assets/", assets.AssetList.as_view(), name="assets"),
    path("assets/<int:pk>/", assets.AssetOne.as_view(), name="asset"),
    path("assets/<int:pk>/file", assets.AssetFile.as_view(), name="asset_file"),
]
