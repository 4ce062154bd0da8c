/** What a page shows when there is nothing, not yet anything, or something went wrong. */
import { Button, Loader, Skeleton } from '@mantine/core'
import type { ReactNode } from 'react'
import { ApiError } from '@/api/client'
import { type I18n, useI18n } from '@/i18n'
import { IconAlertTriangle, IconInbox } from './icons'
import classes from './states.module.css'

export function sentence(error: unknown, t: I18n['t']): string {
  if (error instanceof ApiError) {
    if (error.message) return error.message
    if (error.status === 0 || error.status >= 502) return t('state.unreachable')
    if (error.status === 403) return t('state.forbidden')
    if (error.status === 404) return t('state.notfound')
  }
  return t('state.error')
}

export function LoadingNote({ tall = false }: { tall?: boolean }) {
  const { t } = useI18n()
  return (
    <div className={classes['note']} data-tall={tall || undefined} role="status" data-testid="loading">
      <Loader size="sm" type="dots" aria-hidden="true" />
      <span className="faint">{t('state.loading')}</span>
    </div>
  )
}

export function LoadingRows({ rows = 6, height = 34 }: { rows?: number; height?: number }) {
  const { t } = useI18n()
  return (
    <div className={classes['rows']} role="status" aria-label={t('state.loading')} data-testid="loading">
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: placeholders have no identity
        <Skeleton key={row} height={height} radius="sm" />
      ))}
    </div>
  )
}

interface EmptyProps {
  title: string
  detail?: string | undefined
  icon?: ReactNode
  tall?: boolean
}

export function EmptyNote({ title, detail, icon, tall = false }: EmptyProps) {
  return (
    <div className={classes['note']} data-tall={tall || undefined} data-testid="empty">
      <span className={classes['icon']}>{icon ?? <IconInbox size={22} stroke={1.6} />}</span>
      <strong>{title}</strong>
      {detail ? <span className="quiet">{detail}</span> : null}
    </div>
  )
}

interface ErrorProps {
  error?: unknown
  /** Said in place of the error's own words. */
  says?: string
  retry?: (() => void) | undefined
  tall?: boolean
}

export function ErrorNote({ error, says, retry, tall = false }: ErrorProps) {
  const { t } = useI18n()
  return (
    <div className={classes['note']} data-tall={tall || undefined} role="alert" data-testid="error">
      <span className={classes['icon']} data-bad>
        <IconAlertTriangle size={22} stroke={1.6} />
      </span>
      <span>{says ?? sentence(error, t)}</span>
      {retry ? (
        <Button variant="default" onClick={retry}>
          {t('state.retry')}
        </Button>
      ) : null}
    </div>
  )
}
