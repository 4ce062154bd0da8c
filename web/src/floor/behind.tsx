/** Every number leads to what was counted: a list of as many rows. */
import type { ReactNode } from 'react'
import { Link } from 'react-router'
import { withQuery } from '@/api/client'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import classes from './behind.module.css'

export interface Counted {
  each: 'visit' | 'segment' | 'blocked'
  fate?: 'waiting' | 'answered' | 'abandoned' | 'flowed_out'
  waited?: 'within' | 'beyond'
  queue?: string
  tier?: string
  agent?: string
}

/** `children` as a link to what it counts, for those who may see calls. */
export function Behind({ counted, children }: { counted: Counted; children: ReactNode }) {
  const { t } = useI18n()
  const { may } = useSession()
  if (!may('see_calls')) return children
  return (
    <Link
      className={classes['link'] ?? ''}
      to={withQuery('/calls', { ...counted })}
      title={t('floor.behind')}
    >
      {children}
    </Link>
  )
}
