import { Tooltip } from '@mantine/core'
import { useI18n } from '@/i18n'
import { useLinkStatus } from '@/stream/live'
import classes from './top-bar.module.css'

/** Says whether the numbers on this page are moving. */
export function LiveMark() {
  const { t } = useI18n()
  const status = useLinkStatus()
  if (!status) return null
  return (
    <Tooltip label={t(status === 'live' ? 'live.hint' : 'live.hint.lost')} disabled={status === 'connecting'}>
      <span className={classes['live']} data-status={status} data-testid="live-mark" role="status">
        {t(`live.${status}`)}
      </span>
    </Tooltip>
  )
}
