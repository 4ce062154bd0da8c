"""The API of one installation: the routes of every package, each with what it asks."""

from typing import Any

from fastapi import APIRouter, Depends

import care.api
import cti.api.account
import cti.api.agents
import cti.api.audit
import cti.api.calls
import cti.api.control
import cti.api.desk
import cti.api.dispositions
import cti.api.floor
import cti.api.jobs
import cti.api.keeping
import cti.api.kpi
import cti.api.quality
import cti.api.reconciliation
import cti.api.session
import cti.api.shift
import cti.api.stream
import cti.api.supervision
import cti.api.users
import cti.api.webhooks
import cti.api.work
import customers.api
import qa.api.calibrations
import qa.api.coaching
import qa.api.disputes
import qa.api.reports
import qa.api.reviews
import qa.api.sampling
import qa.api.satisfaction
import qa.api.scorecards
import qa.api.work
import recordings.api.audio
import recordings.api.listening
import recordings.api.own_sound
import recordings.api.recordings
import routing.api.decisions
import routing.api.policy
import routing.api.surges
from config.guard import Guards
from config.http_door import Limits
from config.installation import Installation
from cti.domain.access import Permission


def api_routes(house: Installation) -> APIRouter:
    settings = house.settings
    limits = Limits(settings.http.requests_a_minute, settings.http.sign_ins_a_minute, house.clock.now)
    guards = Guards(house, limits)
    guard, visible = guards.guard, house.teams.visible
    router = APIRouter()
    router.include_router(
        cti.api.session.routes(
            house.door,
            guards.signed_in,
            guards.entered,
            guards.signing_in,
            cti.api.session.Phones(settings.phone.websocket_url, settings.phone.sip_domain),
            house.sign_on,
            settings.oidc.name,
            cti.api.session.Cookies(settings.http.secure_cookies),
        )
    )
    router.include_router(cti.api.account.routes(house.own_account, guards.in_person))
    router.include_router(cti.api.users.routes(house.people, guard, guards.in_person))
    router.include_router(cti.api.audit.routes(house.audit.page, house.audit.verify, guard))
    router.include_router(routing.api.decisions.routes(house.decisions, guard))
    router.include_router(
        routing.api.policy.routes(house.policy_desk, house.estimate_errors, guard, house.audit)
    )
    surges = {branch.pbx: branch.surges for branch in house.branches}
    router.include_router(routing.api.surges.routes(surges, guard, house.audit))
    router.include_router(cti.api.calls.routes(house.monitor, house.finder, guard, visible))
    router.include_router(
        cti.api.agents.routes(
            house.monitor, house.agent_desks, guard, house.name_of, visible, house.work.policy.reason
        )
    )
    work = house.work
    router.include_router(
        cti.api.work.routes(
            work.policy, work.day, work.desks, work.reasons, work.guard, guard, house.name_of, visible
        )
    )
    router.include_router(cti.api.dispositions.routes(work.policy, work.dispositions, guard))
    router.include_router(cti.api.shift.routes(work.shift, guard))
    router.include_router(
        cti.api.control.routes(house.control_desk, house.supervision, guard, house.pauses.desk)
    )
    router.include_router(
        cti.api.supervision.routes(
            house.waiting_desk,
            house.supervision,
            house.note_desk,
            house.work.shift,
            guard,
            house.audit,
            house.teams.names,
        )
    )
    router.include_router(cti.api.floor.routes(house.floor, guard, house.teams.floor_for))
    router.include_router(cti.api.quality.routes(house.quality_desk, guard))
    router.include_router(
        cti.api.desk.routes(lambda: house.desk_policy.now().links, house.control_desk, house.name_of, guard)
    )
    router.include_router(cti.api.jobs.routes(house.job_desk, guard, house.audit))
    router.include_router(cti.api.kpi.routes(house.kpi_desk, guard, visible))
    router.include_router(cti.api.reconciliation.routes(house.differences, house.reconciliation, guard))
    stream = cti.api.stream.LiveStream(
        house.screens,
        house.popper,
        house.floor,
        house.agent_state,
        house.outbox,
        house.supervision,
        house.work.present,
    )
    router.include_router(cti.api.stream.routes(stream, house.door, limits.request))
    router.include_router(cti.api.webhooks.routes(house.webhook_desk, guard, house.audit))
    router.include_router(customers.api.routes(house.customers, guard))
    router.include_router(
        recordings.api.listening.routes(
            house.archivist,
            house.listening.hearer,
            house.listening.scribe,
            house.listening.desk,
            guard,
            house.audit,
        )
    )
    router.include_router(recordings.api.audio.routes(house.archivist, house.listening.listeners, guard))
    router.include_router(
        recordings.api.recordings.routes(
            house.archivist,
            guard,
            visible,
            lambda: house.store_watch.orphans,
            house.pauses.check.of,
        )
    )
    quality, now = house.quality, house.clock.now
    router.include_router(qa.api.reviews.routes(house.review_desk, quality.work, guard, visible))
    router.include_router(
        recordings.api.own_sound.routes(
            house.archivist, quality.own_recording, house.listening.listeners, guard
        )
    )
    router.include_router(
        qa.api.work.routes(quality.work, quality.disputes, quality.recalibration, guard, house.audit)
    )
    router.include_router(
        qa.api.disputes.routes(
            quality.disputes,
            house.review_desk,
            guard,
            house.audit,
            now,
            visible,
            may_hear=quality.sampling.policy.hear_own,
        )
    )
    router.include_router(qa.api.coaching.routes(quality.coaching, guard, house.audit, visible))
    router.include_router(qa.api.calibrations.routes(quality.calibrations, guard, house.audit, visible))
    router.include_router(qa.api.sampling.routes(quality.sampling, quality.figures, guard, now, visible))
    keeping = house.keeping
    router.include_router(
        cti.api.keeping.routes(
            keeping.holds,
            keeping.retention,
            keeping.eraser,
            keeping.reports.page,
            house.numbering.parted,
            guard,
        )
    )
    reporting = house.reporting
    router.include_router(qa.api.scorecards.routes(reporting.scorecards, guard, house.audit))
    router.include_router(
        qa.api.reports.routes(
            reporting.reports,
            reporting.report_files,
            reporting.report_post,
            guard,
            house.audit,
            house.name_of,
            house.clock,
        )
    )
    router.include_router(
        qa.api.satisfaction.routes(house.satisfaction_desk, house.review_desk, guard, visible)
    )
    router.include_router(
        care.api.routes(
            house.care.callbacks, house.care.rescues, house.care.surveys, guard, house.audit, visible
        )
    )

    @router.get("/operations", dependencies=[Depends(guard(Permission.SEE_OPERATIONS))], tags=["operations"])
    async def operations() -> dict[str, Any]:
        return await house.operations()

    return router
