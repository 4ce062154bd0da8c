import { Button, TextInput } from '@mantine/core'
import { memo, useDeferredValue, useMemo, useState } from 'react'
import { Link } from 'react-router'
import { WorkAlerts } from '@/agent-work/alerts'
import type { Floor } from '@/api/types'
import { IconDeviceTv, IconSearch } from '@/common/icons'
import { PageHead } from '@/common/panel'
import { EmptyNote, LoadingRows } from '@/common/states'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { useLive } from '@/stream/live'
import { WriteAll } from '@/supervision/write-all'
import { Agents } from './agents'
import { findAgents, findQueues, findWaiting } from './arrange'
import classes from './page.module.css'
import { QueueCards } from './queue-cards'
import { TileStrip } from './tiles'
import { WaitingLine } from './waiting-line'

export function FloorPage() {
  const { t } = useI18n()
  const { may } = useSession()
  const floor = useLive((state) => state.floor)
  if (!may('see_floor')) return <EmptyNote title={t('state.forbidden')} tall />
  if (!floor) return <LoadingRows rows={8} height={54} />
  return <Unhurried floor={floor} />
}

/**
 * Drawn in small steps between frames: a rush of changes makes the page late by a moment, never halting. Apart from
 * what reads the store: React draws a part that does so without pause when the store changes meanwhile.
 */
function Unhurried({ floor }: { floor: Floor }) {
  return <FloorView floor={useDeferredValue(floor)} />
}

const FloorView = memo(function FloorView({ floor }: { floor: Floor }) {
  const { t } = useI18n()
  const [typed, setTyped] = useState('')
  const wanted = useDeferredValue(typed)
  const waiting = useMemo(() => findWaiting(floor.waiting, wanted), [floor.waiting, wanted])
  const queues = useMemo(() => findQueues(floor.queues, wanted), [floor.queues, wanted])
  const agents = useMemo(() => findAgents(floor.agents, wanted), [floor.agents, wanted])
  const searched = wanted.trim() !== ''
  // a search that finds an agent or a caller is not about queues: then all of them stay
  const shownQueues = queues.length > 0 ? queues : floor.queues
  return (
    <div data-testid="floor">
      <PageHead
        title={t('floor.title')}
        note={t('floor.today')}
        right={
          <>
            <TextInput
              w={230}
              aria-label={t('floor.find')}
              placeholder={t('floor.find')}
              leftSection={<IconSearch size={15} />}
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
              data-testid="floor-find"
            />
            <WriteAll queues={floor.queues.map((row) => row.queue)} />
            <Button
              component={Link}
              to="/wall"
              variant="default"
              leftSection={<IconDeviceTv size={16} />}
              data-testid="open-wall"
            >
              {t('wall.open')}
            </Button>
          </>
        }
      />
      <TileStrip tiles={floor.tiles} proof={floor} />
      <div className={classes['columns']}>
        <WaitingLine waiting={waiting} searched={searched} />
        <QueueCards queues={shownQueues} trend={floor.trend} searched={searched} />
      </div>
      <WorkAlerts />
      <Agents agents={agents} searched={searched} />
    </div>
  )
})
