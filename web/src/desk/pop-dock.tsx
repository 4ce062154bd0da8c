/** On any other page than the desk, a call still stands on the screen. */
import { useEffect } from 'react'
import { useLocation } from 'react-router'
import type { Pop } from '@/api/types'
import { useI18n } from '@/i18n'
import { RingingButtons } from '@/softphone/call-buttons'
import { useLive } from '@/stream/live'
import classes from './desk.module.css'
import { PopCard } from './pop-card'

const NONE: Pop[] = []

export function PopDock() {
  const { t } = useI18n()
  const { pathname } = useLocation()
  const pops = useLive((state) => state.pops) ?? NONE
  const ringing = pops.some((pop) => pop.state === 'ringing')

  useEffect(() => {
    document.title = ringing ? `● ${t('pop.title')} · ${t('app.name')}` : t('app.name')
  }, [ringing, t])

  if (pathname === '/desk') return null
  return (
    <div className={classes['dock']} data-testid="pop-dock">
      {pops.map((pop) => (
        <PopCard key={pop.id} pop={pop} compact />
      ))}
      <RingingButtons />
    </div>
  )
}
