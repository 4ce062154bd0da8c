/**
 * The floor on a television: `/wall?queues=support,sales&lang=both&scheme=dark&seconds=12`. Sizes follow the screen, so
 * that it is read from the other end of the room; nothing about people is shown.
 */
import { useSearchParams } from 'react-router'
import type { Floor } from '@/api/types'
import { IconAlertTriangle, IconPlugConnectedX } from '@/common/icons'
import { EmptyNote, LoadingNote } from '@/common/states'
import { timeOfDay } from '@/format'
import { useSession } from '@/session/session'
import { useLive } from '@/stream/live'
import { useNow } from '@/stream/now'
import { chosen, totals, turn } from './figures'
import { QueueRows } from './queue-rows'
import { type Say, useAwake, useAway, useSay, useScheme } from './screen'
import { Tiles } from './tiles'
import classes from './wall.module.css'
import { Words } from './words'

/** Rows that can be read from five metres; more queues than these take turns. */
const ROWS = 6
const SECONDS = 12

export default function WallPage() {
  const [params] = useSearchParams()
  const { may } = useSession()
  const floor = useLive((state) => state.floor)
  const say = useSay(params.get('lang') ?? '')
  useScheme(params.get('scheme') ?? '')
  useAwake()
  if (!may('see_floor')) return <EmptyNote title={say('wall.forbidden').join(' · ')} tall />
  if (!floor) return <LoadingNote tall />
  const seconds = Math.max(3, Number.parseInt(params.get('seconds') ?? '', 10) || SECONDS)
  return <Wall floor={floor} say={say} wanted={params.get('queues') ?? ''} seconds={seconds} />
}

interface WallProps {
  floor: Floor
  say: Say
  wanted: string
  seconds: number
}

function Wall({ floor, say, wanted, seconds }: WallProps) {
  const now = useNow()
  const away = useAway()
  const shown = chosen(floor, wanted)
  const { page, pages, rows } = turn(shown.queues, ROWS, now, seconds)
  return (
    <main className={classes['wall']} data-testid="wall" data-old={away || undefined}>
      <header className={classes['head']}>
        <h1>
          <Words said={say('wall.title')} />
        </h1>
        {pages > 1 ? (
          <span className="num" data-testid="wall-page">
            {say('wall.page', { page, pages })[0]}
          </span>
        ) : null}
        <time className="num">{timeOfDay(now, false)}</time>
      </header>
      <Troubles floor={floor} say={say} away={away} unknown={shown.unknown} />
      <Tiles totals={totals(floor, shown)} say={say} now={now} />
      <QueueRows queues={rows} say={say} now={now} />
    </main>
  )
}

/** Said in words over the whole width: a number that stands still looks like one that is right. */
function Troubles({
  floor,
  say,
  away,
  unknown,
}: {
  floor: Floor
  say: Say
  away: boolean
  unknown: string[]
}) {
  const down = Object.entries(floor.pbx).filter(([, link]) => !link.up)
  return (
    <div role="status" className={classes['troubles']}>
      {away ? (
        <p data-testid="wall-old">
          <IconPlugConnectedX aria-hidden="true" />
          <Words said={say('wall.old', { at: timeOfDay(floor.at) })} />
          <small>
            <Words said={say('wall.old.detail')} />
          </small>
        </p>
      ) : null}
      {down.map(([name, link]) => (
        <p key={name} data-testid="wall-switch">
          <IconPlugConnectedX aria-hidden="true" />
          <Words said={say('wall.switch', { name, since: timeOfDay(link.since) })} />
        </p>
      ))}
      {unknown.length > 0 ? (
        <p data-testid="wall-unknown">
          <IconAlertTriangle aria-hidden="true" />
          <Words said={say('wall.unknown', { names: unknown.join(', ') })} />
        </p>
      ) : null}
    </div>
  )
}
