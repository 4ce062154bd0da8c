"""Where Prometheus reads the numbers of an installation."""

from config.installation import Installation
from cti.adapters.prometheus import MetricSources
from cti.domain.metering import distribution
from routing.domain.surge import SurgeState


def metric_sources(house: Installation) -> MetricSources:
    """Each is asked at the moment of a scrape."""
    branches, clock = house.branches, house.clock
    reconcilers = [branch.reconciler for branch in branches]
    return MetricSources(
        version=house.version,
        floors=lambda: [branch.wallboard.numbers(clock.now()) for branch in branches],
        links=lambda: [branch.numbers() for branch in branches],
        drift=lambda: {key: count for one in reconcilers for key, count in one.drift().items()},
        repaired=lambda: {key: count for one in reconcilers for key, count in one.repaired().items()},
        gaps_open=lambda: {str(one.pbx): len(one.gaps.open) for one in reconcilers},
        verified_until=lambda: {
            str(one.pbx): until
            for one in reconcilers
            if (until := one.verification().verified_until) is not None
        },
        pops=lambda: dict(house.popper.results),
        pop_seconds=lambda: distribution(house.popper.seconds),
        decision_seconds=lambda: distribution(house.decision_seconds),
        estimate_errors=lambda: {
            (str(branch.pbx), str(queue)): one
            for branch in branches
            for queue, one in branch.router.estimates.histograms().items()
        },
        recordings=lambda: {state.value: count for state, count in house.recorder.counts().items()},
        recording_orphans=house.store_watch.counts,
        **house.listening.numbers(),
        recording_pauses=house.pauses.desk.counts,
        retained=lambda: dict(house.keeping.retention.deleted),
        reviews=lambda: {state.value: count for state, count in house.review_desk.counts().items()},
        jobs=house.job_desk.counts,
        job_attempts=house.job_desk.attempts,
        review_scores=lambda: distribution(house.review_scores),
        call_quality=lambda: distribution(house.quality_desk.scores),
        webhooks=lambda: dict(house.webhook_desk.results),
        pop_hook=lambda: dict(house.pop_hook.results),
        **house.work.numbers(),
        promises=house.care.numbers,
        surges=lambda: {
            (str(branch.pbx), str(one.queue)): int(one.surge.state is SurgeState.SURGE)
            for branch in branches
            for one in branch.surges.standing()
        },
        surges_begun=lambda: {
            (str(branch.pbx), str(queue)): count
            for branch in branches
            for queue, count in branch.surges.counts.items()
        },
        journal_backlog=lambda: house.books.writer.backlog,
    )
