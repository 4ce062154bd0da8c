/** What stands on the desk page of an agent's work: above everything, and beside the calls. */
import { useOwn } from '@/desk/own-state'
import { OwnCoaching } from '@/reviews/own-coaching'
import { AfterCallPanel, Owed } from './after-call'
import { OwnDay, OwnReviews } from './day'
import { Queues } from './queues'
import { StateBar } from './state-bar'
import { UnreachableBanner } from './unreachable'
import { Unsaved } from './unsaved'
import { useReasons, useWork } from './use-work'
import classes from './work.module.css'

export function WorkAbove({ agent }: { agent: string }) {
  const { data } = useWork(agent)
  const own = useOwn(agent)
  const reason = useReasons().find((one) => own?.state === 'not_ready' && one.code === own.reason)
  if (!data) return null
  return (
    <div className={classes['above']}>
      {data.unreachable ? <UnreachableBanner agent={agent} out={data.unreachable} /> : null}
      {reason && own ? (
        <StateBar
          reason={reason}
          since={own.since}
          spentToday={data.reasons_today[reason.code] ?? 0}
          over={data.limits}
        />
      ) : null}
      {data.after_call ? <AfterCallPanel agent={agent} work={data.after_call} /> : null}
      <Unsaved agent={agent} present={data.after_call} />
    </div>
  )
}

export function WorkBeside({ agent }: { agent: string }) {
  return (
    <>
      <Owed agent={agent} />
      <OwnDay agent={agent} />
      <Queues agent={agent} />
      <OwnReviews />
      <OwnCoaching />
    </>
  )
}
