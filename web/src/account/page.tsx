/** One's own account: password, authenticator app, sessions, API tokens. */
import { PageHead } from '@/common/panel'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import classes from './page.module.css'
import { PasswordPanel } from './password'
import { SecondFactorPanel } from './second-factor'
import { SessionsPanel } from './sessions'
import { TokensPanel } from './tokens'

export default function AccountPage() {
  const { t, word } = useI18n()
  const { user } = useSession()
  const teams = user.teams.length
    ? t('account.teams', { teams: user.teams.join(', ') })
    : t('account.teams.none')
  return (
    <>
      <PageHead title={t('account.title')} note={`${user.name} · ${word('role', user.role)} · ${teams}`} />
      <div className={classes['parts']} data-testid="account">
        <PasswordPanel />
        <SecondFactorPanel />
        <SessionsPanel className={classes['wide']} />
        <TokensPanel className={classes['wide']} />
      </div>
    </>
  )
}
