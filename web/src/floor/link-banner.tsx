import { Alert } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { Link } from '@/api/types'
import { IconPlugConnectedX } from '@/common/icons'
import { timeOfDay } from '@/format'
import { useI18n } from '@/i18n'
import { useLinkStatus, useLive, useLiveStore } from '@/stream/live'

const PATIENCE_MS = 4000
const NO_LINKS: [string, Link][] = []

/** Says plainly when the numbers below may no longer be true. */
export function LinkBanner() {
  const { t } = useI18n()
  const pbx = useLive((state) => state.floor?.pbx ?? null)
  const store = useLiveStore()
  const status = useLinkStatus()
  const [away, setAway] = useState(false)

  useEffect(() => {
    if (status !== 'reconnecting') {
      setAway(false)
      return
    }
    const timer = setTimeout(() => setAway(true), PATIENCE_MS) // a blink of the network alarms nobody
    return () => clearTimeout(timer)
  }, [status])

  const links = pbx ? Object.entries(pbx) : NO_LINKS
  const shown = away ? store?.snapshot().floor : null // as it stood when the stream went away
  return (
    <>
      {links
        .filter(([, link]) => !link.up)
        .map(([name, link]) => (
          <Alert
            key={name}
            mb="sm"
            color="red"
            icon={<IconPlugConnectedX size={18} />}
            data-testid="link-banner"
            title={t('link.down', { name, since: timeOfDay(link.since) })}
          >
            {link.reason ? `${link.reason} · ` : ''}
            {t('link.down.detail')}
          </Alert>
        ))}
      {shown ? (
        <Alert mb="sm" color="yellow" icon={<IconPlugConnectedX size={18} />} data-testid="stale-banner">
          {t('link.stale', { at: timeOfDay(shown.at) })}
        </Alert>
      ) : null}
    </>
  )
}
