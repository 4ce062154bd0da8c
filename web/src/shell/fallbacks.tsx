import { Button } from '@mantine/core'
import { Link, Navigate, useRouteError } from 'react-router'
import { EmptyNote, ErrorNote } from '@/common/states'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { NAV } from './nav'

/** The first page that this person may open. */
export function Home() {
  const { may } = useSession()
  const { t } = useI18n()
  const first = NAV.find((entry) => may(entry.needs))
  return first ? <Navigate to={first.path} replace /> : <EmptyNote title={t('state.forbidden')} tall />
}

export function Missing() {
  const { t } = useI18n()
  return (
    <div>
      <EmptyNote title={t('page.missing')} tall />
      <div style={{ textAlign: 'center' }}>
        <Button component={Link} to="/" variant="default">
          {t('page.home')}
        </Button>
      </div>
    </div>
  )
}

/** A page that fails leaves the menu, the phone and the pops standing. */
export function Crashed() {
  const error = useRouteError()
  return <ErrorNote error={error} retry={() => window.location.reload()} tall />
}
