"""The endpoint of voices: what an order or a scene may name."""

from collections.abc import Mapping, Sequence
from typing import Any

from rest_framework import pagination, serializers
from rest_framework.request import Request

from billing.balances import CURRENCY
from config.kit import api
from videos import voice_list
from videos.voice_list import ListedVoice


class VoiceShown(serializers.Serializer[Any]):
    voice = serializers.CharField(help_text="Its full name, as orders and scenes name it.")
    engine = serializers.CharField(help_text="Or the vendor that sells it.")
    name = serializers.CharField(help_text="What people call it.")
    about = serializers.CharField()
    languages = serializers.ListField(child=serializers.CharField())
    is_clone = serializers.BooleanField(help_text="Whether it is the copy of a person's voice.")
    consent = serializers.ChoiceField(
        voice_list.CONSENTS, help_text="Of that person; a copy speaks where it is recorded alone."
    )
    minute_micros = serializers.IntegerField(
        allow_null=True,
        help_text="About what a minute of speech costs; null: unknown, or not for you to see.",
    )
    currency = serializers.SerializerMethodField()

    def get_currency(self, voice: ListedVoice) -> str:
        return CURRENCY


class ByName(api.NewestFirst):
    """Pages of voices, which are in no table: a cursor holds the full name of the last one."""

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        rows: Sequence[ListedVoice] = queryset
        self.base_url = request.build_absolute_uri()
        self.cursor = pagination.CursorPagination.decode_cursor(self, request)
        place = str((self.cursor and self.cursor.position) or "")
        most = self.get_page_size(request) or self.page_size
        if self.cursor and self.cursor.reverse:
            self.page = [one for one in rows if one.voice < place][-most:]
        else:
            self.page = [one for one in rows if one.voice > place][:most]
        first, last = (self.page[0].voice, self.page[-1].voice) if self.page else (place, place)
        self.has_previous = any(one.voice < first for one in rows)
        self.has_next = any(one.voice > last for one in rows)
        return list(self.page)

    def get_next_link(self) -> str | None:
        return self._link(-1, is_back=False) if self.has_next else None

    def get_previous_link(self) -> str | None:
        return self._link(0, is_back=True) if self.has_previous else None

    def _link(self, place: int, *, is_back: bool) -> str | None:
        if not self.page:
            return None
        cursor = pagination.Cursor(offset=0, reverse=is_back, position=self.page[place].voice)
        return str(self.encode_cursor(cursor))


class VoiceList(api.List[Any]):
    """The voices that the team may name, in the order of their full names."""

    resource = "videos"
    noun = "voices"
    serializer_class = VoiceShown
    pagination_class = ByName

    def rows(self) -> Any:
        return voice_list.voices_of(self.by)

    def page(self, asked: Mapping[str, Any]) -> list[Any]:
        return list(self.paginate_queryset(self.rows()) or ())
