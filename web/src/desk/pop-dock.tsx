/** On any other page than the desk, a call still stands on the screen; and on every page it is said aloud who calls. */
import { VisuallyHidden } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useLocation } from 'react-router'
import type { Pop } from '@/api/types'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { RingingButtons } from '@/softphone/call-buttons'
import { useLive } from '@/stream/live'
import classes from './desk.module.css'
import { PopCard } from './pop-card'
import { Rehearsal } from './rehearsal'

const NONE: Pop[] = []

export function PopDock() {
  const { t } = useI18n()
  const { pathname } = useLocation()
  const { user } = useSession()
  const pops = useLive((state) => state.pops) ?? NONE
  const ringing = pops.some((pop) => pop.state === 'ringing')

  useEffect(() => {
    document.title = ringing ? `● ${t('pop.title')} · ${t('app.name')}` : t('app.name')
  }, [ringing, t])

  return (
    <>
      <Aloud pops={pops} />
      {user.agent ? <Rehearsal compact={pathname !== '/desk'} /> : null}
      {pathname === '/desk' ? null : (
        <div className={classes['dock']} data-testid="pop-dock">
          <RingingButtons />
          {/* It grows upwards: what is being read stands lowest, and stays where it is. */}
          {[...pops].reverse().map((pop) => (
            <PopCard key={pop.id} pop={pop} compact />
          ))}
        </div>
      )}
    </>
  )
}

/** Said when it rings, and once more when it is known who; whatever else the card learns later interrupts nobody. */
function Aloud({ pops }: { pops: Pop[] }) {
  const { t, word } = useI18n()
  const ringing = pops.find((pop) => pop.state === 'ringing')
  const said = useRef({ of: '', text: '' })
  const of = ringing ? `${ringing.id} ${ringing.at} ${ringing.known}` : ''
  if (said.current.of !== of) {
    const { name, tier, queue } = ringing ?? {}
    const words = [t('pop.title'), name ?? t('unit.unknown_caller'), tier && word('tier', tier), queue]
    said.current = { of, text: ringing ? words.filter(Boolean).join(', ') : '' }
  }
  return (
    <VisuallyHidden role="status" data-testid="pop-aloud">
      {said.current.text}
    </VisuallyHidden>
  )
}
