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
  const { t } = useI18n()
  const error = useRouteError()
  const again = () => window.location.reload()
  if (isNotFetched(error)) return <ErrorNote says={t('page.unfetched')} retry={again} tall />
  return <ErrorNote error={error} retry={again} tall />
}

/** The page's own program did not come: browsers say so in words only. */
function isNotFetched(error: unknown): boolean {
  return error instanceof Error && /preload|import|module/i.test(error.message)
}
