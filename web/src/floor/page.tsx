import { PageHead } from '@/common/panel'
import { EmptyNote, LoadingRows } from '@/common/states'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { useLive } from '@/stream/live'
import { Agents } from './agents'
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
  const oldest =
    floor.waiting.length > 0 ? Math.min(...floor.waiting.map((caller) => caller.joined_at)) : null
  return (
    <div data-testid="floor">
      <PageHead title={t('floor.title')} note={t('floor.today')} />
      <TileStrip tiles={floor.tiles} proof={floor} oldest={oldest} />
      <div className={classes['columns']}>
        <WaitingLine waiting={floor.waiting} />
        <QueueCards queues={floor.queues} target={floor.tiles.service_level_target_seconds} />
      </div>
      <Agents agents={floor.agents} />
    </div>
  )
}
