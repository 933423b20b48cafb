"""What every endpoint shares. A view checks its input, calls one verb and answers its row.

    class ChannelList(api.List[Channel]):
        resource = "channels"  # GET needs the scope channels:read, anything else channels:write
        right = "may_edit"  # what the actor's role must allow for anything but GET
        serializer_class = ChannelSerializer  # how a row is shown
        input_class = NewChannel  # an api.Input: what may be sent

        def rows(self) -> QuerySet[Channel]:
            return Channel.objects.visible_to(self.by).select_related("brand_kit")

        @described(NewChannel, ChannelSerializer, status=201)
        def post(self, request: Request) -> Response:
            wanted = self.checked()
            return self.makes(lambda: actions.create_channel(by=self.by, **wanted))

    class ChannelOne(api.One[Channel]):
        ...
        def patch(self, request: Request, pk: int) -> Response:
            channel, wanted = self.get_object(), self.checked(partial=True)
            changed = actions.change_channel(
                by=self.by, channel=channel, settings=wanted, version=self.seen()
            )
            return self.answers(changed)

`self.makes` honours Idempotency-Key; `self.seen()` is the version in If-Match, which it demands.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema_field
from rest_framework import exceptions, generics, negotiation, pagination, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.kit import idempotency
from config.kit.cache import Kept
from config.kit.errors import Refused, Stale
from config.kit.models import IdempotencyKey, IdempotencyState
from config.kit.scopes import SAFE

M = TypeVar("M", bound=Model)
_POSITION = re.compile(r"-?\d{1,18}\Z")
_ETAG = re.compile(r'^(?:W/)?"v(\d{1,9})"$')


class Gone(Refused):
    code = "gone"
    status = 410


class IfMatchRequired(Refused):
    code = "if_match_required"
    status = 428


# --- what comes in


class Text(serializers.CharField):
    """A string, and nothing that could be read as one."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Number(serializers.IntegerField):
    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return super().to_internal_value(data)


class Flag(serializers.BooleanField):
    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class Choice(serializers.ChoiceField):
    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return super().to_internal_value(data)


class Texts(serializers.DictField):
    """Texts by name."""

    child = Text(max_length=1_000)

    def to_internal_value(self, data: Any) -> Any:
        for name in data if isinstance(data, Mapping) else ():
            self.child.run_validation(name)
        return super().to_internal_value(data)


@extend_schema_field({"type": "object", "additionalProperties": True})
class Object(serializers.JSONField):
    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            self.fail("invalid")
        return super().to_internal_value(dict(data))


class Row(Number):
    """The id of a row that the actor may see; the verb gets the row."""

    default_error_messages = {"unknown": "There is no such {what} in this team."}

    def __init__(self, model: type[Model], **kwargs: Any) -> None:
        self.model = model
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        rows: Any = self.model._default_manager
        by = self.context["view"].by
        found = rows.visible_to(by).filter(pk=super().to_internal_value(data)).first()
        if found is None:
            self.fail("unknown", what=self.model._meta.verbose_name)
        return found


class Input(serializers.Serializer[Any]):
    """A body: known fields only, each of its own type."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            strange = [str(name) for name in data if name not in self.fields]
            if strange:
                told = serializers.ErrorDetail("There is no such field.", code="unknown_field")
                raise exceptions.ValidationError({name: [told] for name in strange})
        return super().to_internal_value(data)


class Nothing(Input):
    """For requests that say all in their address."""


class Query(Input):
    """What may stand behind the `?` of a list. Its fields read strings, so they are DRF's own."""

    limit = serializers.IntegerField(
        required=False, min_value=1, max_value=200, help_text="Rows of a page; 50 if not said."
    )
    cursor = serializers.CharField(
        required=False, max_length=500, help_text="From `next` or `previous`."
    )


class NewestFirst(pagination.CursorPagination):
    """`?limit=` rows from `?cursor=` on; `next` and `previous` are whole addresses."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
    ordering: str = "-id"

    def decode_cursor(self, request: Request) -> Any:
        found = super().decode_cursor(request)
        place = "" if found is None else found.position
        if found is not None and place is not None and not _POSITION.match(str(place)):
            raise exceptions.NotFound(self.invalid_cursor_message)
        return found

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }


class InOrder(NewestFirst):
    ordering = "position"


# --- views


class AnyKind(negotiation.BaseContentNegotiation):
    """For bytes: whatever the client accepts, it gets the file as it is, and problems as JSON."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class Door(generics.GenericAPIView[M], Generic[M]):
    """The base of all endpoints."""

    resource = ""
    noun = ""  # under which the reference lists it, where that is not the address's first word
    input_class: type[serializers.BaseSerializer[Any]] = Nothing
    pagination_class: type[NewestFirst] = NewestFirst
    right = ""  # of the actor, for anything but GET; empty: the verb says who may

    @property
    def by(self) -> Any:
        """The teams.access.Actor, whom the permission has let in."""
        return self.request._request.actor  # type: ignore[attr-defined]

    def rows(self) -> QuerySet[M]:
        """What the actor may see: begins with `visible_to`."""
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[M]:
        return self.rows()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # read here, where Django's limit holds: DRF's parsers would take any size from the stream
        if request.method not in SAFE and self.reads_body:
            self.body = request._request.body
        super().initial(request, *args, **kwargs)

    reads_body = True
    takes_key = True  # whether its POST honours Idempotency-Key

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        taken = getattr(request._request, "rate", None)
        for name, value in (taken.headers() if taken else {}).items():
            answer[name] = value
        answer.headers.setdefault("Cache-Control", "private, no-store")
        return answer

    def checked(self, *, partial: bool = False) -> dict[str, Any]:
        """The body as the verb takes it. Raises ValidationError with a pointer a field."""
        given = self.input_class(
            data=self._sent(), partial=partial, context=self.get_serializer_context()
        )
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _sent(self) -> Any:
        try:
            return self.request.data
        except RecursionError:
            raise exceptions.ParseError("This JSON is nested too deeply.") from None

    def seen(self, *, is_needed: bool = True) -> int | None:
        """The version that the client has read, from If-Match; None for `*`."""
        told = self.request.headers.get("If-Match")
        if not told and not is_needed:
            return None
        if not told:
            raise IfMatchRequired(
                'Send If-Match with the ETag that you have read (such as "v3"), or with *.'
            )
        if told.strip() == "*":
            return None
        found = _ETAG.match(told.strip())
        if found is None:
            raise Stale('If-Match is none of our ETags: they look like "v3".')
        return int(found[1])

    def answers(self, row: M, *, status: int = 200) -> Response:
        answer = Response(self.get_serializer(row).data, status=status)
        if version := getattr(row, "version", None):
            answer["ETag"] = f'"v{version}"'
        return answer

    def again(self, answer_id: str) -> M:
        """The row that an earlier request with this key made. Raises Gone."""
        found = self.rows().filter(pk=answer_id).first()
        if found is None:
            raise Gone("What this request once made is there no longer.")
        return found

    def makes(self, act: Callable[[], M], *, status: int = 201) -> Response:
        """Calls the verb once, however often the request comes with its Idempotency-Key."""
        key = self.request.headers.get("Idempotency-Key", "")
        if not key:
            return self.answers(self._shown(act()), status=status)
        claimed = self._claim(key)
        if claimed.state == IdempotencyState.DONE:
            answer = self.answers(self.again(claimed.answer_id), status=status)
            answer["Idempotent-Replayed"] = "true"
            return answer
        return self.answers(self._shown(idempotency.perform(claimed, act)), status=status)

    def _shown(self, row: M) -> M:
        """As a GET would show it, with what the list's query joins."""
        return self.rows().filter(pk=row.pk).first() or row

    def _claim(self, key: str) -> IdempotencyKey:
        if len(key) > idempotency.LONGEST or not key.isprintable():
            raise exceptions.ValidationError(
                {"Idempotency-Key": ["Write at most 255 printable characters."]}
            )
        request = self.request
        told = f"{request.method} {request.get_full_path()}\n".encode() + self.body
        return idempotency.claim(self.by.owner, key, hashlib.sha256(told).hexdigest())


class List(Door[M]):
    """GET answers a page of rows."""

    is_list = True  # for the reference
    query_class: type[Query] = Query

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.page(self.asked())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def page(self, asked: Mapping[str, Any]) -> list[M]:
        return list(self.paginate_queryset(self.narrowed(self.rows(), asked)) or ())

    def asked(self) -> dict[str, Any]:
        """What stands behind the `?`. Raises ValidationError, also for a filter that is none."""
        given = self.query_class(data=dict(self.request.query_params.items()))
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def narrowed(self, rows: QuerySet[M], asked: Mapping[str, Any]) -> QuerySet[M]:
        """The rows that the query of the address asks for."""
        return rows


class KeptList(List[M]):
    """A list whose pages are kept until a row of its models changes. Rows alone are kept, for each
    role: how one is shown, and who may see the list, is found out anew."""

    kept: Kept
    kept_filters: Collection[str] = ()  # what is asked for again and again; not words

    def page(self, asked: Mapping[str, Any]) -> list[M]:
        if not {"limit", "cursor", *self.kept_filters}.issuperset(asked):
            return super().page(asked)

        def compute() -> tuple[list[M], dict[str, Any]]:
            rows = super(KeptList, self).page(asked)
            place = dict(vars(self.paginator))
            for own in ("page", "request", "base_url"):  # of this request: its host, its person
                place.pop(own)
            return rows, place

        rows, place = self.kept.answer(
            compute,
            name=f"{type(self).__module__}.{type(self).__qualname__}",
            team_id=self.by.team_id,
            told=(str(self.by.role), tuple(sorted(asked.items()))),
        )
        here = {"request": self.request, "base_url": self.request.build_absolute_uri()}
        vars(self.paginator).update(place, page=rows, **here)
        return rows


class One(Door[M]):
    """GET answers a row, or 304 where the client has it already."""

    is_kept_by_version = True  # False: what is shown changes without another version

    def get_object(self) -> M:
        found = self.rows().filter(**self.where()).first()
        if found is None:
            raise Http404
        self.check_object_permissions(self.request, found)
        return found

    def where(self) -> dict[str, Any]:
        return {"pk": self.kwargs["pk"]}

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        answer = self.answers(self.get_object())
        has_it = "ETag" in answer and answer["ETag"] in request.headers.get("If-None-Match", "")
        if self.is_kept_by_version and has_it:
            return Response(status=304, headers={"ETag": answer["ETag"]})
        return answer
