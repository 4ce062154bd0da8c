import type { QueueFloor } from '@/api/types'
import { IconAlertTriangle, IconCircleCheck, IconClock, IconTrendingUp } from '@/common/icons'
import { EmptyNote } from '@/common/states'
import { Ticking } from '@/common/ticking'
import { isTier, TierMark } from '@/common/tier-badge'
import { count, percent } from '@/format'
import { type Calm, calm, tiersWaiting } from './figures'
import type { Say } from './screen'
import classes from './wall.module.css'
import { Words } from './words'

const MARKS: Record<Calm, typeof IconClock> = {
  calm: IconCircleCheck,
  within: IconClock,
  beyond: IconAlertTriangle,
}

interface RowsProps {
  queues: QueueFloor[]
  say: Say
  now: number
}

export function QueueRows({ queues, say, now }: RowsProps) {
  if (queues.length === 0) return <EmptyNote title={say('wall.empty').join(' · ')} />
  return (
    <table className={classes['rows']} style={{ '--rows': queues.length } as React.CSSProperties}>
      <thead>
        <tr>
          <th>
            <Words said={say('wall.queue')} />
          </th>
          <th data-right>
            <Words said={say('wall.waiting')} />
          </th>
          <th>
            <Words said={say('wall.tiers')} />
          </th>
          <th data-right>
            <Words said={say('wall.longest')} />
          </th>
          <th data-right>
            <Words said={say('wall.level')} />
          </th>
          <th data-right>
            <Words said={say('wall.ready.short')} />
          </th>
        </tr>
      </thead>
      <tbody>
        {queues.map((queue) => (
          <Row key={queue.queue} queue={queue} say={say} state={calm(queue, now)} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ queue, say, state }: { queue: QueueFloor; say: Say; state: Calm }) {
  const Mark = MARKS[state]
  return (
    <tr data-testid="wall-queue" data-queue={queue.queue} data-state={state}>
      <th scope="row">
        <span className={classes['name']} title={queue.queue}>
          {queue.queue}
        </span>
        <span className={classes['state']}>
          <Mark aria-hidden="true" />
          <Words said={say(`wall.state.${state}`)} />
          {queue.surge_since ? (
            <span className={classes['surge']} data-testid="wall-surge">
              <IconTrendingUp aria-hidden="true" />
              <Words said={say('queues.surge')} />
              <Ticking since={queue.surge_since} />
            </span>
          ) : null}
        </span>
      </th>
      <td data-right className={classes['big']}>
        {count(queue.waiting)}
      </td>
      <td>
        <span className={classes['tiers']}>
          {tiersWaiting(queue).map(({ tier, waiting }) => (
            <span key={tier} data-tier={tier} className={classes['tier']}>
              {isTier(tier) ? <TierMark tier={tier} size="0.75em" /> : null}
              <b className="num">{waiting}</b>
              <Words said={say(isTier(tier) ? `tier.${tier}` : 'tier.none')} />
            </span>
          ))}
        </span>
      </td>
      <td data-right className={`${classes['big']} ${classes['late']}`}>
        {queue.longest_since ? <Ticking since={queue.longest_since} /> : '–'}
      </td>
      <td data-right className={classes['big']}>
        {percent(queue.service_level, 0)}
      </td>
      <td data-right className={classes['big']}>
        {count(queue.agents_ready)}
      </td>
    </tr>
  )
}
