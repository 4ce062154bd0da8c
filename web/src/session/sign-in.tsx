import { Button, PasswordInput, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { ApiError, api } from '@/api/client'
import type { Session } from '@/api/types'
import { TIERS } from '@/api/types'
import { sentence } from '@/common/states'
import { TierMark } from '@/common/tier-badge'
import { useI18n } from '@/i18n'
import { LanguageSwitch, SchemeSwitch } from '@/shell/top-bar'
import classes from './sign-in.module.css'

export function SignIn({ signedIn }: { signedIn: (session: Session) => void }) {
  const { t } = useI18n()
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const [refusal, setRefusal] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setRefusal(null)
    try {
      signedIn(await api.signIn(login.trim(), password))
    } catch (error) {
      const wrong = error instanceof ApiError && error.status === 401
      setRefusal(wrong ? t('signin.refused') : sentence(error, t))
      setBusy(false)
    }
  }

  return (
    <div className={classes['page']}>
      <section className={classes['story']} aria-hidden="true">
        <div className={classes['line']}>
          {TIERS.map((tier, place) => (
            <span key={tier} data-tier={tier} style={{ width: `${92 - place * 17}%` }}>
              <TierMark tier={tier} size={12} /> {t(`tier.${tier}`)}
            </span>
          ))}
        </div>
        <p className={classes['tagline']}>{t('app.tagline')}</p>
        <ul>
          <li>{t('signin.point1')}</li>
          <li>{t('signin.point2')}</li>
          <li>{t('signin.point3')}</li>
        </ul>
      </section>
      <main className={classes['side']}>
        <div className={classes['switches']}>
          <LanguageSwitch />
          <SchemeSwitch />
        </div>
        <form className={classes['form']} onSubmit={submit} data-testid="sign-in">
          <div className={classes['brand']}>
            <img src="/favicon.svg" alt="" width={34} height={34} />
            <span>{t('app.name')}</span>
          </div>
          <h1>{t('signin.title')}</h1>
          <TextInput
            size="md"
            label={t('signin.login')}
            value={login}
            onChange={(event) => setLogin(event.currentTarget.value)}
            autoComplete="username"
            required
            withAsterisk={false}
            autoFocus
            data-testid="sign-in-login"
          />
          <PasswordInput
            size="md"
            label={t('signin.password')}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            autoComplete="current-password"
            required
            withAsterisk={false}
            data-testid="sign-in-password"
          />
          <div className={classes['refusal']} role="alert" data-testid="sign-in-error">
            {refusal}
          </div>
          <Button type="submit" size="md" fullWidth loading={busy} data-testid="sign-in-submit">
            {t('signin.button')}
          </Button>
        </form>
      </main>
    </div>
  )
}
