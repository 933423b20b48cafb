"""/ws/rooms/<video>/: one person in the room of one script (docs/live.md).

1. The server says `joined`: the document's epoch and the person's role. The client answers `enter`
   with the epoch that it holds, or none; an older one is closed, for its content would double.
2. The server sends its state vector and who is there; the client answers with what the server
   lacks, and asks for what it lacks itself.
3. Edits and moves of cursors flow both ways. `saved` says how many of the client's frames with
   content are stored: what is shown as saved is saved.
"""

from collections.abc import Mapping
from typing import Any

from collab import actions, frames, passes, roles, store
from collab.documents import BadUpdate
from collab.frames import BadFrame, Frame, Kind, ReadOnly, control, read
from collab.models import Document
from collab.roles import Guest, RoomRole
from collab.room import Room
from collab.rooms import rooms
from collab.websocket.events import is_reply, reply_in
from config.kit import logs
from config.kit.errors import Refused
from config.kit.live import handshake, tasks
from config.kit.live.closing import Close, Refusal
from config.kit.live.limits import places
from config.kit.live.socket import MOST_UNREAD, Socket
from config.kit.live.wire import Shared
from teams import sockets
from teams.access import Actor
from teams.models import User
from videos.models import Video

MOST_EDITORS, MOST_OTHERS = 50, 200  # in one room, over all processes
MOST_OF_LINK = 20  # sockets by one link from one address
COLOURS = 8


class RoomSocket(Socket):
    """Of a member of the team, or of a guest who came by a link."""

    by: Actor | Guest
    shown = sockets.Shown()
    role: RoomRole | None = None
    room: Room | None = None
    is_behind = False
    _was_refused = False

    async def enter(self) -> None:
        self._places: list[str] = []
        self._contents = 0  # frames with content
        self.video_id = int(self.scope["url_route"]["kwargs"]["video"])
        self.by, self.shown, self.user = await tasks.in_thread(self._let_in)
        self._keep_places()
        self._be_watched()
        logs.tell(team=self.by.team_id, video=self.video_id)
        self.role, self._document = await tasks.in_thread(self._let_into_room)
        self._keep_places()
        self.put(
            control(
                "joined",
                epoch=self._document.epoch,
                role=self.role,
                you=self.user,
                window=MOST_UNREAD,
            )
        )

    # --- who, in threads

    def _let_in(self) -> tuple[Actor | Guest, sockets.Shown, Mapping[str, Any]]:
        """And what the others see of this person, whatever its client says of itself."""
        if handshake.share(self.scope) or handshake.guest_pass(self.scope):
            return self._let_guest_in()
        actor, shown = sockets.let_in(self.scope, self.name)
        self._places.append(f"user:{actor.user_id}")
        person = User.objects.only("name", "email").get(pk=actor.user_id or 0)
        colour = person.pk % COLOURS
        name = person.get_public_name()  # guests hear it as well; the team's page knows its people
        return actor, shown, {"id": person.pk, "name": name, "colour": colour}

    def _let_guest_in(self) -> tuple[Guest, sockets.Shown, Mapping[str, Any]]:
        handshake.check_rate(self.scope)
        handshake.check_origin(self.scope)
        guest = self._guest()
        if guest is None:
            raise Refusal(Close.SIGNED_OUT)
        self._take(f"link:{guest.link_id}:{handshake.address(self.scope)}", MOST_OF_LINK)
        actions.note_use(guest.link_id)
        user = {
            "id": f"guest-{guest.key or self.name[:8]}",
            "name": guest.name,
            "colour": (guest.link_id + int(guest.key or "0", 16)) % COLOURS,
            "guest": True,
        }
        return guest, sockets.Shown(), user

    def _guest(self) -> Guest | None:
        """By the secret, or by what the guest's page was given for it."""
        if secret := handshake.share(self.scope):
            return roles.guest_of(secret, handshake.guest_name(self.scope))
        shown = passes.of_room(handshake.guest_pass(self.scope))
        return shown.guest if shown else None

    def _let_into_room(self) -> tuple[RoomRole, Document]:
        video = Video.objects.filter(pk=self.video_id).first()
        role = roles.role_in_room(self.by, video) if video else None
        if video is None or role is None:
            raise Refusal(Close.NOT_FOUND)
        try:
            document = store.open_for(video)
        except Refused:  # no script yet
            raise Refusal(Close.NOT_FOUND) from None
        is_editor = role == RoomRole.EDITOR
        kind, most = ("editors", MOST_EDITORS) if is_editor else ("others", MOST_OTHERS)
        self._take(f"room:{document.pk}:{kind}", most)
        document.video = video
        return role, document

    def _take(self, place: str, most: int) -> None:
        if not places.take(place, self.name, most):
            raise Refusal(Close.TOO_MANY)
        self._places.append(place)

    def _keep_places(self) -> None:
        """On the loop: a thread may come to its end when the socket has gone already."""
        for place in self._places:
            places.keep(place, self.name)

    # --- looked at again

    def _be_watched(self) -> None:
        if isinstance(self.by, Guest):
            rooms().guests.add(self)
        else:
            sockets.presence().add(self)

    def _be_looked_at(self) -> None:
        """The room has followed the journal since it was opened, and not since `enter`."""
        if isinstance(self.by, Guest):
            rooms().look_soon([self])
        else:
            sockets.presence().look_soon(self)

    @property
    def actor(self) -> Actor | Guest:
        return self.by

    @actor.setter
    def actor(self, now: Actor | Guest) -> None:
        if now != self.by:
            self.by = now
            tasks.soon("room: looks at a role", self.look_at_role())

    async def look_at_role(self) -> None:
        await self.take_role(await tasks.in_thread(self._role_now))

    async def take_role(self, role: RoomRole | None) -> None:
        if role is None:
            await self.close(Close.FORBIDDEN)
        elif role != self.role:
            self.role = role
            self.put(control("role", role=role))

    def _role_now(self) -> RoomRole | None:
        video = Video.objects.filter(pk=self.video_id).first()
        return roles.role_in_room(self.by, video) if video else None

    # --- what the client says

    async def heard(self, data: str | bytes, *, in_time: bool) -> None:
        if isinstance(data, str):
            raise Refusal(Close.BAD_FRAME)
        try:
            if is_reply(data):
                await self._replied(reply_in(data), in_time=in_time)
            else:
                self._framed(data, in_time=in_time)
        except (BadFrame, BadUpdate):
            raise Refusal(Close.BAD_FRAME) from None

    async def _replied(self, told: Mapping[str, Any], *, in_time: bool) -> None:
        kind = told.get("type")
        if kind == "ack":
            self.acked(told.get("n"))
        elif not in_time:
            raise Refusal(Close.TOO_MANY)
        elif kind == "enter" and self.room is None:
            await self._enter_room(told.get("epoch"))
        else:
            raise Refusal(Close.BAD_FRAME)

    async def _enter_room(self, epoch: Any) -> None:
        if epoch not in (None, self._document.epoch):
            raise Refusal(Close.OTHER_EPOCH)
        try:
            room = await rooms().join(self._document)
        except LookupError:
            raise Refusal(Close.NOT_FOUND) from None
        if not self._is_open:
            rooms().leave(room, self)
        elif room.document.epoch != self._document.epoch:
            rooms().leave(room, self)
            raise Refusal(Close.OTHER_EPOCH)
        else:
            self.room = room
            room.enter(self)
            self._be_looked_at()

    def _framed(self, data: bytes, *, in_time: bool) -> None:
        if self.room is None:
            raise Refusal(Close.BAD_FRAME)
        try:
            frame = read(data, may_write=self.role == RoomRole.EDITOR)
        except ReadOnly as refusal:
            self.put(control("refused", why=str(refusal)))
            return
        if frame.kind == Kind.AWARENESS and not in_time:
            return  # cursors that jump are told a little later
        if not in_time:
            raise Refusal(Close.TOO_MANY)
        self._do(self.room, frame)

    def _do(self, room: Room, frame: Frame) -> None:
        asks = frame.kind in (Kind.STEP1, Kind.ASK_AWARENESS)
        if asks and not self.has_credit:
            self.is_behind = True  # it is told to ask again once it has read
        elif frame.kind == Kind.AWARENESS:
            room.move(self, frame.payload, self.user)
        elif frame.kind == Kind.STEP1:
            room.answer(self, frame.payload)
        elif frame.kind == Kind.ASK_AWARENESS:
            room.tell_all_presence(self)
        else:
            self._write(room, frame.payload)

    def _write(self, room: Room, update: bytes) -> None:
        """What was refused its client holds all the same, and builds upon it: so it is asked for
        again as soon as something else is taken."""
        self._contents += 1
        try:
            room.write(self, update, getattr(self.by, "user_id", None))
        except store.TooLarge as refusal:
            self._was_refused = True
            self.put(control("refused", why=refusal.message))
        else:
            if self._was_refused:
                self._was_refused = False
                room.ask(self)

    # --- of the room

    def put(self, data: str | bytes | Shared) -> None:
        if isinstance(data, bytes) and len(data) > frames.LARGEST_PIECE:
            for piece in frames.parts(data):
                super().put(piece)
        else:
            super().put(data)

    def saved(self) -> None:
        if self.has_credit:
            self.put(control("saved", frames=self._contents))
        else:
            self.is_behind = True

    def begun_anew(self) -> None:
        tasks.soon("room: begins anew", self.close(Close.OTHER_EPOCH))

    def has_credit_again(self) -> None:
        """The client is asked what it has, and gets the rest as one."""
        if self.is_behind and self.room is not None:
            self.is_behind = False
            self.put(control("behind"))
            self.room.catch_up(self)

    def left(self) -> None:
        sockets.presence().remove(self)
        rooms().guests.discard(self)
        if self.room is not None:
            rooms().leave(self.room, self)
        for place in getattr(self, "_places", ()):
            tasks.soon("live places: leaves", tasks.in_thread(places.leave, place, self.name))
