"""Every verb that a team's people, programs and workers have, as an act upon a world."""

import io
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

from billing import budgets, commitments, costs, ledger, price_lists, proof, reference
from billing.balances import OverBudget
from billing.prices import Cost, PriceUnknown
from channels_app import actions as channels
from channels_app import connecting, credentials, quotas
from channels_app import reference as quota_rules
from channels_app import removals as channel_removals
from channels_app.models import QuotaLedger
from channels_app.youtube.oauth import WANTED, Granted
from collab import actions as talk
from collab import store, writing
from config.kit import files, mail
from teams import actions as teams
from teams import (
    brakes,
    deliveries,
    invitations,
    journal,
    listening,
    notices,
    tickets,
    tokens,
    webhooks,
)
from teams.models import Role
from tests.faults.world import HOOK, SPENT, TEXT, World, written
from videos import (
    actions,
    braked,
    conclusions,
    consents,
    drafts,
    holds,
    intermediates,
    limits,
    makers_told,
    owed,
    preparing,
    proposal_work,
    proposals,
    removals,
    replies,
    rereading,
    resting,
    revisions,
    routing,
    rules,
    runs,
    scene_edits,
    scripts,
    shelf,
    uploads,
    vendor_voices,
    waits,
)
from videos import assets as own_files
from videos.models import Scene
from videos.providers.selling import SoldVoice

_COST = Cost(1, 2, 3)
EXPECTED = costs.Expected([costs.Line("script", "acme", _COST, _COST, 1)])
OTHER = "host:2"  # a worker
COPY = SoldVoice("c0py", "Ana", ("en",), "cloned")
AT_ONCE = timedelta(0)
GRANTED = Granted("ya29.new", 3_599.0, WANTED, "1//0new")
Act = Callable[[World], object]


def asking(w: World) -> Scene:
    """A scene that asks for footage."""
    scene = w.ready.scenes.get(uid="00000001")
    visual = {"template": "statement", "text": "Kelp", "source": "footage"}
    scene_edits.edit_scene(by=w.by, scene=scene, visual=visual)
    return scene


def reserved(w: World, method: str) -> QuotaLedger:
    quota_rules.write()
    return quotas.reserve(method, request=secrets.token_hex(8), channel_id=w.channel.pk)


# met by one another: some pairs in every run of the tests, all of them in long ones
CORE: dict[str, Act] = {
    "change team": lambda w: teams.change_team(
        by=w.by, team=w.team, name=f"Kelp {secrets.token_hex(2)}", email="k@example.org"
    ),
    "change role": lambda w: teams.change_role(by=w.by, membership=w.bens, role=Role.EDITOR),
    "remove member": lambda w: teams.remove_member(by=w.by, membership=w.bens),
    "pull brake": lambda w: brakes.pull(by=w.by, what="spending"),
    "pull and release brake": lambda w: brakes.release(
        by=w.by, brake=brakes.pull(by=w.by, what="publishing")
    ),
    "rename person": lambda w: teams.rename_person(user=w.ana, name="Anna"),
    "invite": lambda w: invitations.invite(
        by=w.by, email=f"eve-{w.name}@example.org", role=Role.VIEWER
    ),
    "make token": lambda w: tokens.create_token(by=w.by, name="t", scopes=["videos:read"]),
    "make channel": lambda w: channels.create_channel(by=w.by, name="C", slug="c", brand={}),
    "change channel": lambda w: channels.change_channel(
        by=w.by, channel=w.channel, settings={"name": f"Kelp {secrets.token_hex(2)}"}
    ),
    "change kit": lambda w: channels.change_brand_kit(
        by=w.by, kit=w.channel.brand_kit, look={"ink": f"#{secrets.token_hex(3)}"}
    ),
    "order": lambda w: w.order(),
    "order for publication": lambda w: w.order(script=written()),
    "rename": lambda w: scene_edits.rename(by=w.by, video=w.ready, title=secrets.token_hex(3)),
    "edit scene": lambda w: scene_edits.edit_scene(
        by=w.by, scene=w.ready.scenes.get(uid="00000001"), narration=secrets.token_hex(4)
    ),
    "add scene": lambda w: scene_edits.add_scene(
        by=w.by, video=w.ready, after="00000001", narration="Otters."
    ),
    "approve": lambda w: actions.approve(by=w.by, video=w.ready),
    "pause": lambda w: actions.pause(by=w.by, video=w.producing),
    "resume": lambda w: actions.resume(by=w.by, video=w.producing),
    "cancel": lambda w: actions.cancel(by=w.by, video=w.producing),
    "cancel what goes out": lambda w: actions.cancel(by=w.by, video=w.out),
    "delete": lambda w: removals.delete_video(by=w.by, video=w.producing),
    "delete what goes out": lambda w: removals.delete_video(by=w.by, video=w.out),
    "write in document": lambda w: store.append(w.document.pk, w.typed()),
    "materialise document": lambda w: writing.materialise(w.document.pk),
    "edit scene of document": lambda w: scene_edits.edit_scene(
        by=w.by, scene=w.in_document.scenes.get(uid="00000001"), narration=secrets.token_hex(4)
    ),
    "accept suggestion": lambda w: talk.accept_suggestion(by=w.by, suggestion=w.suggestion),
    "claim": lambda w: runs.claim(w.queued.runs.get(stage="script").cluster, OTHER, 9),
    "hold money": lambda w: holds.hold(w.run, "scene:00000002", 50, ledger.NOBODY),
    "wait for a price": lambda w: holds.wait_for(w.run, PriceUnknown("Nobody knows.")),
    "take prices": lambda w: price_lists.take(f"provider,unit,price\nacme-{w.name},images,1"),
    "write prices": lambda w: reference.write(),
    "write quota rules": lambda w: quota_rules.write(),
    "use quota": lambda w: quotas.spend(reserved(w, "videos.insert")),
    "give quota back": lambda w: quotas.release(reserved(w, "captions.insert")),
    "close quota": lambda w: quotas.close("search.list"),
    "settle money": lambda w: ledger.settle(w.held, runs.purpose(w.run, "scene:00000001"), []),
    "finish": lambda w: runs.finish(w.run, []),
    "finish and go on": lambda w: runs.finish(
        w.run, [], runs.Claimant(w.queued.runs.get(stage="script").cluster, OTHER, 9)
    ),
    "go elsewhere": lambda w: resting.go_elsewhere(w.run, "script", "It fails."),
    "accept alike": lambda w: ledger.accept_alike(w.held),
    "accept request": lambda w: ledger.accept_request(w.team.pk, w.held.request),
    "name what is bought": lambda w: ledger.name(w.held, "", is_another=True),
    "join": lambda w: limits.join(w.run, "script:extractive"),
    "wait as asked": lambda w: waits.wait(w.run, "Wait.", 1),
    "tell of a maker": lambda w: makers_told._tell(w.queued, "image", "replicate:other"),
    "find out": lambda w: resting._is_first(w.run, "voice:piper"),
    "let go of a provider": lambda w: resting.let_go(w.run),
    "free probes": lambda w: resting.free_probes(),
    "wait for what is owed": lambda w: owed.wait(w.run, [], "It fails.", 1),
    "forget waits": lambda w: waits.forget(w.run),
    "put off": lambda w: runs.put_off(w.run, "later"),
    "fail": lambda w: runs.fail(w.run, "broken"),
    "give back": lambda w: runs.give_back(w.run),
    "reap": lambda w: runs.reap_one(w.run),
    "claim upload": lambda w: channels.claim(OTHER, 9),
    "settle upload": lambda w: channels.settle(w.taken(), "file:///kelp"),
    "give upload back": lambda w: channels.give_back(w.taken()),
    "put upload off": lambda w: channels.put_off(w.taken(), "later", timedelta(seconds=1)),
    "follow upload": lambda w: conclusions.follow_upload(w.out.pk),
    "request publication": lambda w: channels.request_publication(
        channel=w.channel, video_id=w.ready.pk, title="K", files={}, metadata={}
    ),
    "hear the journal": lambda w: listening.work(w.team.pk),
    "tell people": lambda w: notices.tell(w.team.pk, [w.notice]),
    "make webhook": lambda w: webhooks.create(by=w.by, url=HOOK, kinds=[]),
    "change webhook": lambda w: webhooks.change(
        by=w.by, webhook=w.hook, settings={"url": f"{HOOK}?{secrets.token_hex(2)}"}
    ),
    "disable webhook": lambda w: webhooks.disable(w.hook.pk, "It answered 410."),
    "claim delivery": lambda w: deliveries._claim(),
    "settle delivery": lambda w: deliveries.settle(w.sent(), deliveries.Outcome(status=410)),
}

NEEDS: dict[str, tuple[str, ...]] = {
    "assign voice": ("copy",),
    "record consent": ("copy",),
    "withdraw consent": ("consent",),
    **dict.fromkeys(["change webhook", "disable webhook", "remove webhook"], ("hook",)),
    **dict.fromkeys(["new secret", "send test", "send range again"], ("hook",)),
    **dict.fromkeys(["settle delivery", "send again", "claim delivery"], ("delivery",)),
    **dict.fromkeys(["release money", "hold committed money"], ("budget", "commitment")),
    "settle committed money": ("budget", "held_of_batch"),
    "mark notification": ("told",),
    "mark all": ("told",),
    "write to people": ("told",),
    "leave team": ("by_ben",),
    "revoke token": ("token",),
    "note use of token": ("token",),
    "invite again": ("invitation",),
    "revoke invitation": ("invitation",),
    "accept invitation": ("invitation", "dee"),
    "delete kit": ("spare_kit",),
    "change spare kit": ("spare_kit",),
    "wear spare kit": ("spare_kit",),
    "make channel in spare kit": ("spare_kit",),
    "order in spare kit": ("spare_kit",),
    "keep logo": ("stored",),
    "restore version": ("version",),
    "take file in": ("stored",),
    "keep picture": ("stored",),
    "use picture": ("picture",),
    "rename file": ("picture",),
    "delete file": ("picture",),
    "give up upload": ("incoming",),
    "go on with upload": ("incoming",),
    "end upload": ("incoming",),
    "expire uploads": ("incoming",),
    "settle file": ("in_preparation",),
    "refuse file": ("in_preparation",),
    "give file back": ("in_preparation",),
    "put file off": ("in_preparation",),
    "keep answer": ("stored",),
    "settle part": ("made",),
    "retry upload": ("failed_upload",),
    "come back from Google": ("asked",),
    "keep what Google gave": ("came_back",),
    **dict.fromkeys(["attach YouTube", "attach nothing"], ("to_confirm",)),
    **dict.fromkeys(["disconnect YouTube", "ask for a token"], ("credential",)),
    **dict.fromkeys(["renew a token", "give a token back"], ("credential",)),
    "lose YouTube": ("credential",),
    "forget YouTube": ("disconnected",),
    "read page again": ("of_a_page",),
    "resume what is paused": ("paused",),
    "cancel what is paused": ("paused",),
    "publish": ("approved",),
    "cancel what is approved": ("approved",),
    "adopt part": ("artifact",),
    "write in document": ("document",),
    "materialise document": ("document", "was_typed"),
    "edit scene of document": ("document", "was_typed"),
    "produce document": ("document", "was_typed"),
    "settle document": ("document", "was_typed"),
    "fold document": ("document", "was_typed"),
    "rewrite document": ("document", "was_typed"),
    "begin document anew": ("document", "was_typed"),
    "edit document": ("document",),
    "accept suggestion": ("suggestion", "was_typed"),
    "reject suggestion": ("suggestion",),
    "withdraw suggestion": ("suggestion",),
    "answer": ("comment",),
    "edit comment": ("comment",),
    "delete comment": ("comment",),
    "resolve thread": ("comment",),
    "reopen thread": ("comment",),
    "use share link": ("share_link",),
    "revoke share link": ("share_link",),
    "name version": ("version",),
    "thin drafts out": ("version",),
}

# these meet all with --long
FURTHER: dict[str, Act] = {
    "leave team": lambda w: teams.leave_team(by=w.by_ben),
    "found team": lambda w: teams.found_team(user=w.ana, name="Otters"),
    "revoke token": lambda w: tokens.revoke_token(by=w.by, token=w.token),
    "note use of token": lambda w: tokens.note_use(w.token),
    "invite again": lambda w: invitations.resend(by=w.by, invitation=w.invitation),
    "revoke invitation": lambda w: invitations.revoke(by=w.by, invitation=w.invitation),
    "accept invitation": lambda w: invitations.accept(user=w.dee, invitation=w.invitation),
    "pull brake as operator": lambda w: brakes.pull_as_operator(
        by=brakes.Operator(), what="spending", team=w.team
    ),
    "release brake as operator": lambda w: brakes.release_as_operator(
        by=brakes.Operator(), what="spending", team=w.team
    ),
    "go on after a brake": lambda w: braked._go_on(w.producing.pk),
    "keep an estimate": lambda w: costs.keep(w.team.pk, w.producing.pk, EXPECTED),
    "learn from an estimate": lambda w: costs.learn(w.team.pk, w.producing.pk),
    "book money": lambda w: ledger.book(w.why, SPENT),
    "set a budget": lambda w: budgets.set_budget(
        by=w.by, scope="video", window="total", limit_micros=10**9
    ),
    "change a budget": lambda w: budgets.change_limit(
        by=w.by, budget=w.budget, limit_micros=secrets.randbelow(10**9) + 10**9
    ),
    "remove a budget": lambda w: budgets.remove(by=w.by, budget=w.budget),
    "prove balances": lambda w: proof._of(w.budget.pk),
    "commit money": lambda w: commitments.commit(w.batch, 60),
    "release money": lambda w: commitments.release(w.commitment),
    "hold committed money": lambda w: ledger.hold(w.why_of_batch, amount_micros=20),
    "settle committed money": lambda w: ledger.settle(w.held_of_batch, w.why_of_batch, SPENT),
    "correct a balance": lambda w: proof.correct(proof.Mismatch(w.balance, (0, 0), (0, 0))),
    "park": lambda w: budgets.park(w.why.place, OverBudget(w.budget, 0, 1, 0)),
    "unpark": lambda w: budgets.unpark(w.producing.pk),
    "refund money": lambda w: ledger.refund(w.held),
    "give money up": lambda w: ledger.give_up(w.held),
    "give up what a worker held": lambda w: ledger.give_up_holds(w.run.pk, w.run.fence),
    "ask about money": lambda w: ledger.ask(w.held, w.producing.pk),
    "accept money": lambda w: ledger.accept(w.team.pk, w.producing.pk),
    "book money late": lambda w: ledger.book_late(w.held, w.why, SPENT),
    "learn what was spent": lambda w: ledger.learn(w.team.pk, w.held.request, SPENT),
    "make kit": lambda w: channels.create_brand_kit(by=w.by, name="New", look={}),
    "delete kit": lambda w: channel_removals.delete_brand_kit(by=w.by, kit=w.spare_kit),
    "change spare kit": lambda w: channels.change_brand_kit(
        by=w.by, kit=w.spare_kit, look={"ink": f"#{secrets.token_hex(3)}"}
    ),
    "wear spare kit": lambda w: channels.change_channel(
        by=w.by, channel=w.channel, settings={"brand_kit": w.spare_kit}
    ),
    "make channel in spare kit": lambda w: channels.create_channel(
        by=w.by, name="D", slug="d", brand={}, kit=w.spare_kit
    ),
    "order in spare kit": lambda w: actions.create_video(
        by=w.by, channel=w.channel, wish=actions.Wish(source=TEXT), kit=w.spare_kit
    ),
    "find home channel": lambda w: channels.home_channel(by=w.by),
    "keep logo": lambda w: channels.keep_logo(by=w.by, path=files.path_of(w.team.pk, w.stored)),
    "withdraw": lambda w: channels.withdraw(w.out.pk),
    "fail upload": lambda w: channels.fail(w.taken(), "broken"),
    "retry upload": lambda w: channels.retry_upload(by=w.by, upload=w.failed_upload),
    "reap upload": lambda w: channels._reap_one(w.taken()),
    "beat upload": lambda w: channels.beat(w.taken()),
    "begin to connect": lambda w: connecting._begin(
        by=w.by, channel=w.channel, state=secrets.token_hex(8), verifier="v" * 64
    ),
    "come back from Google": lambda w: connecting.take(by=w.by, state=f"{w.name}asked"),
    "keep what Google gave": lambda w: connecting._keep(
        by=w.by,
        way=w.came_back,
        granted=GRANTED,
        owner=connecting.Owner(f"UC{w.name}", "Kelp", ""),
    ),
    "attach YouTube": lambda w: connecting.attach(by=w.by, way=w.to_confirm),
    "attach nothing": lambda w: connecting.drop(by=w.by, way=w.to_confirm),
    "put old ways aside": lambda w: connecting.prune(),
    "disconnect YouTube": lambda w: connecting.disconnect(by=w.by, channel=w.channel),
    "ask for a token": lambda w: credentials._claim(w.credential),
    "renew a token": lambda w: credentials.settle(w.credential, GRANTED),
    "give a token back": lambda w: credentials._give_back(w.credential),
    "lose YouTube": lambda w: credentials.lose(w.credential),
    "forget YouTube": lambda w: credentials._forget(w.disconnected),
    "forget YouTube in the end": lambda w: credentials._forget_old(),
    "count places anew": lambda w: limits.recount(),
    "remember voice": lambda w: routing._remember(w.producing, "voice", "piper:one", "mit"),
    "remember a scene's voice": lambda w: routing._remember_licence(
        w.producing, "piper:two", "mit"
    ),
    "revise": lambda w: revisions.revise_video(
        by=w.by, video=w.ready, wanted={"title": secrets.token_hex(3), "description": "Kelp."}
    ),
    "change order": lambda w: actions.change_order(by=w.by, video=w.ready, format="square"),
    "edit script": lambda w: actions.edit_script(
        by=w.by, video=w.ready, script=written(f" {secrets.token_hex(3)}.")
    ),
    "save script": lambda w: scripts.save_script(w.producing, written(" More."), saved_by_id=None),
    "do stage again": lambda w: actions.retry_stage(
        by=w.by, run=w.ready.runs.get(stage="narration")
    ),
    "read page again": lambda w: rereading.read_again(by=w.by, video=w.of_a_page),
    "resume what is paused": lambda w: actions.resume(by=w.by, video=w.paused),
    "cancel what is paused": lambda w: actions.cancel(by=w.by, video=w.paused),
    "publish": lambda w: actions.publish_video(by=w.by, video=w.approved),
    "cancel what is approved": lambda w: actions.cancel(by=w.by, video=w.approved),
    "restore": lambda w: removals.restore_video(by=w.by, video=w.producing),
    "purge": lambda w: removals._purge(w.producing.pk, AT_ONCE),
    "remove scene": lambda w: scene_edits.remove_scene(by=w.by, video=w.ready, uid="00000002"),
    "move scene": lambda w: scene_edits.move_scene(by=w.by, video=w.ready, uid="00000002", to=0),
    "split scene": lambda w: scene_edits.split_scene(by=w.by, video=w.ready, uid="00000001", at=30),
    "merge scenes": lambda w: scene_edits.merge_scenes(by=w.by, video=w.ready, uid="00000001"),
    "begin otherwise": lambda w: scene_edits.begin_with(by=w.by, video=w.claiming, number=1),
    "accept claims": lambda w: rules.accept_claims(by=w.by, video=w.claiming, script=1),
    "price other words": lambda w: proposals.price(
        by=w.by, scene=w.ready.scenes.get(uid="00000001"), instruction="Shorter"
    ),
    "ask for other words": lambda w: proposals.ask(by=w.by, proposal=w.proposal("priced")),
    "take other words": lambda w: proposals.take(by=w.by, proposal=w.proposal("ready")),
    "let other words wait": lambda w: proposal_work._let_wait(w.proposal("asked"), "Busy."),
    "take a writer's words": lambda w: scene_edits.take_words(
        by=w.by,
        scene=w.ready.scenes.get(uid="00000001"),
        source=None,
        narration="Kelp is brown.",
        headline="",
    ),
    "drop other words": lambda w: proposals.drop(by=w.by, proposal=w.proposal("failed")),
    "claim other words": lambda w: proposal_work._claim(w.proposal("waiting").pk),
    "hold for other words": lambda w: proposal_work._hold(w.proposal("asked")),
    "settle other words": lambda w: proposal_work._settle(w.proposal("asked"), None, ()),
    "lose other words": lambda w: proposal_work._lose(w.proposal("asked"), None, "Broken."),
    "reap other words": lambda w: proposal_work.reap(w.proposal("asked")),
    "edit details": lambda w: scene_edits.edit_details(
        by=w.by, video=w.ready, details={"tags": [secrets.token_hex(3)]}
    ),
    "restore version": lambda w: scene_edits.restore_version(
        by=w.by, video=w.ready, number=w.version.number
    ),
    "take file in": lambda w: own_files._take_in(
        by=w.by, name="c.jpg", kind="picture", sha256=w.stored
    ),
    "keep picture": lambda w: own_files._keep(
        by=w.by, name="c.jpg", source=w.stored, sha256=w.stored, facts={}
    ),
    "prepare file": lambda w: preparing._claim(OTHER, 9),
    "settle file": lambda w: preparing._write(
        w.in_preparation, {"file": (w.stored, "image/jpeg")}, {}
    ),
    "refuse file": lambda w: preparing._refuse(w.in_preparation, "broken"),
    "give file back": lambda w: preparing._give_back(w.in_preparation),
    "put file off": lambda w: preparing._put_off(w.in_preparation, "later"),
    "use picture": lambda w: scene_edits.use_asset(
        by=w.by, scene=w.ready.scenes.get(uid="00000001"), asset=w.picture
    ),
    "another picture": lambda w: scene_edits.another_picture(by=w.by, scene=asking(w)),
    "rename file": lambda w: shelf.rename_asset(by=w.by, asset=w.picture, name="d.jpg"),
    "delete file": lambda w: shelf.delete_asset(by=w.by, asset=w.picture),
    "begin upload": lambda w: uploads.begin(by=w.by, name="e.jpg", kind="picture", size=10),
    "go on with upload": lambda w: uploads.append(
        by=w.by, upload=w.incoming, offset=0, stream=io.BytesIO(b"01234")
    ),
    "end upload": lambda w: uploads.append(
        by=w.by, upload=w.incoming, offset=0, stream=io.BytesIO(bytes(10))
    ),
    "expire uploads": lambda w: uploads.expire(),
    "give up upload": lambda w: uploads.end(by=w.by, upload=w.incoming),
    "settle part": lambda w: runs.settle_part(w.run, w.made, w.held),
    "adopt part": lambda w: runs.adopt_part(w.run, "scene:00000002", 1, w.artifact),
    "block for a word": lambda w: runs.block_unsure(w.run, w.held),
    "keep answer": lambda w: replies.keep(
        w.team.pk, w.held.request, "a" * 64, files.path_of(w.team.pk, w.stored)
    ),
    "forget answer": lambda w: replies.forget(w.team.pk, "a" * 64),
    "forget unread answers": lambda w: replies.forget_unread(w.team.pk, [w.run]),
    "sweep answers": lambda w: replies.sweep(),
    "claim answer": lambda w: replies.claim("elevenlabs", w.name, w.held.request),
    "forget old answers": lambda w: replies.forget_answers(),
    "list voices": lambda w: vendor_voices._keep("elevenlabs", [COPY]),
    "assign voice": lambda w: vendor_voices.assign(w.copy, [w.team]),
    "record consent": lambda w: consents.record(by=w.by, voice=w.copy, person="Ana", agrees=True),
    "withdraw consent": lambda w: consents.withdraw(by=w.by, consent=w.consent),
    "thin drafts out": lambda w: drafts._remove([w.version.pk]),
    "let intermediates go": lambda w: intermediates._let_go([w.ready.pk]),
    "begin document": lambda w: store.open_for(w.ready),
    "produce document": lambda w: actions.produce(by=w.by, video=w.in_document),
    "settle document": lambda w: scripts.settled(w.in_document.pk),
    "fold document": lambda w: store.fold(w.document.pk),
    "rewrite document": lambda w: store.rewrite(w.document.pk),
    "begin document anew": lambda w: store.begin_anew(w.document),
    "edit document": lambda w: writing.edit_document(w.in_document, None, w.write),
    "reject suggestion": lambda w: talk.reject_suggestion(by=w.by, suggestion=w.suggestion),
    "withdraw suggestion": lambda w: talk.withdraw_suggestion(by=w.by, suggestion=w.suggestion),
    "suggest": lambda w: talk.suggest(
        by=w.by, video=w.ready, scene_uid="00000001", quote="Kelp", replacement="Crabs"
    ),
    "comment": lambda w: talk.create_comment(by=w.by, video=w.in_document, text="Why?"),
    "answer": lambda w: talk.reply(by=w.by, comment=w.comment, text="Yes."),
    "edit comment": lambda w: talk.edit_comment(
        by=w.by, comment=w.comment, text=secrets.token_hex(3), mentions=[w.ben.pk]
    ),
    "delete comment": lambda w: talk.delete_comment(by=w.by, comment=w.comment),
    "resolve thread": lambda w: talk.resolve_thread(by=w.by, comment=w.comment),
    "reopen thread": lambda w: talk.reopen_thread(by=w.by, comment=w.comment),
    "share": lambda w: talk.create_share_link(by=w.by, video=w.ready),
    "use share link": lambda w: talk.note_use(w.share_link.pk),
    "revoke share link": lambda w: talk.revoke_share_link(by=w.by, link=w.share_link),
    "name version": lambda w: scene_edits.name_version(by=w.by, version=w.version, name="Old"),
    "name script": lambda w: scene_edits.name_now(by=w.by, video=w.ready, name="Now"),
    "write letter": lambda w: mail.post(
        to="k@example.org", letter="invitation", context={}, team_id=w.team.pk
    ),
    "sweep the listeners": lambda w: listening.sweep(),
    "put listener off": lambda w: listening._put_off(w.listener, w.team.pk, ValueError("a stone")),
    "wake listener": lambda w: listening.try_again(w.team.cursors.first()),
    "mark notification": lambda w: notices.mark(by=w.by, notification=w.told, is_read=True),
    "mark all": lambda w: notices.mark_all(by=w.by),
    "choose how to be told": lambda w: notices.choose(
        by=w.by, ways={"mentioned": notices.Ways(in_app=False, by_mail=True)}
    ),
    "write to people": lambda w: notices._write_to(w.ana.pk),
    "prune notifications": lambda w: notices.prune(),
    "remove webhook": lambda w: webhooks.remove(by=w.by, webhook=w.hook),
    "new secret": lambda w: webhooks.rotate(by=w.by, webhook=w.hook),
    "send test": lambda w: webhooks.ping(by=w.by, webhook=w.hook),
    "send again": lambda w: webhooks.replay(by=w.by, delivery=w.ended()),
    "send range again": lambda w: webhooks.replay_range(
        by=w.by, webhook=w.hook, since_seq=1, until_seq=5
    ),
    "wake deliveries": lambda w: deliveries._go_on(),
    "sweep deliveries": lambda w: deliveries.sweep(),
    "prune deliveries": lambda w: deliveries.prune(),
    "make ticket": lambda w: tickets.create_ticket(by=replace(w.by, token_id=w.token.pk)),
    "use ticket": lambda w: tickets.redeem("nobody's"),
    "prune tickets": lambda w: tickets.prune(),
    "shorten journal": lambda w: journal._shorten(w.team.pk, 0),
}
VERBS: Mapping[str, Act] = MappingProxyType(CORE | FURTHER)
