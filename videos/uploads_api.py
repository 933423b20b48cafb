"""Resumable uploads over HTTP: tus 1.0 with creation, termination and expiration (tus.io)."""

import base64
import binascii
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.http import http_date
from rest_framework import exceptions, parsers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from config.kit import api
from config.kit.errors import Refused
from config.kit.openapi import described
from videos import uploads
from videos.assets import MAX_BYTES
from videos.models import AssetUpload

VERSION = "1.0.0"
PIECE = "application/offset+octet-stream"


class WrongVersion(Refused):
    code = "wrong_tus_version"
    status = 412


class Piece(parsers.BaseParser):
    """Bytes are read from the stream by the verb, never whole."""

    media_type = PIECE

    def parse(self, stream: Any, *args: Any, **kwargs: Any) -> Any:
        return stream


class _Uploads(api.Door[AssetUpload]):
    resource = "assets"
    right = "may_edit"
    reads_body = False
    parser_classes = [Piece]

    def rows(self) -> QuerySet[AssetUpload]:
        return AssetUpload.objects.visible_to(self.by)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method != "OPTIONS" and request.headers.get("Tus-Resumable") != VERSION:
            raise WrongVersion(f"Send Tus-Resumable: {VERSION}.")

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer["Tus-Resumable"] = VERSION
        return answer

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        headers = {
            "Tus-Version": VERSION,
            "Tus-Extension": "creation,termination,expiration",
            "Tus-Max-Size": str(max(MAX_BYTES.values())),
        }
        return Response(status=204, headers=headers)

    def told(self, upload: AssetUpload, status: int, **more: str) -> Response:
        headers = {
            "Upload-Offset": str(upload.offset),
            "Upload-Length": str(upload.size),
            "Upload-Expires": http_date(upload.expires_at.timestamp()),
            **more,
        }
        if upload.asset_id:
            headers["Showrunner-Asset"] = str(upload.asset_id)
        return Response(status=status, headers=headers)


class UploadList(_Uploads):
    """Uploads of pictures, clips and music, in pieces that go on after a break."""

    @described(None, None, status=201, summary="Begin an upload (tus 1.0 creation)")
    def post(self, request: Request) -> Response:
        length = request.headers.get("Upload-Length", "")
        if not length.isdecimal() or len(length) > 15:
            raise exceptions.ValidationError({"Upload-Length": ["Write the file's bytes."]})
        named = _metadata(request.headers.get("Upload-Metadata", ""))
        upload = uploads.begin(
            by=self.by,
            name=named.get("filename", "file"),
            kind=named.get("kind", ""),
            size=int(length),
        )
        where = reverse("api:upload", args=[upload.uid], request=request)
        return self.told(upload, 201, Location=where)


class UploadOne(_Uploads):
    """An upload: how much has come, one more piece, or its end."""

    def upload(self) -> AssetUpload:
        found = self.rows().filter(uid=self.kwargs["uid"]).first()
        if found is None:
            raise Http404
        return found

    def head(self, request: Request, uid: str) -> Response:
        return self.told(self.upload(), 200)

    @described(None, None, status=204, summary="Send a piece from Upload-Offset on")
    def patch(self, request: Request, uid: str) -> Response:
        upload = self.upload()
        if request.content_type != PIECE:
            raise exceptions.UnsupportedMediaType(str(request.content_type))
        offset = request.headers.get("Upload-Offset", "")
        if not offset.isdecimal() or len(offset) > 15:
            raise exceptions.ValidationError({"Upload-Offset": ["Write where this piece begins."]})
        stream: Any = request._request
        moved = uploads.append(by=self.by, upload=upload, offset=int(offset), stream=stream)
        return self.told(moved, 204)

    @described(None, None, status=204, summary="Give up an upload")
    def delete(self, request: Request, uid: str) -> Response:
        uploads.end(by=self.by, upload=self.upload())
        return Response(status=204)


def _metadata(header: str) -> dict[str, str]:
    """`name base64, name base64`. Raises ValidationError for what is not that."""
    found = {}
    for pair in filter(None, (one.strip() for one in header.split(","))):
        name, _, value = pair.partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            told = {"Upload-Metadata": ["Write names with base64 of UTF-8 behind them."]}
            raise exceptions.ValidationError(told) from None
    return found
