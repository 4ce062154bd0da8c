import { Button, PasswordInput, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { ApiError, api } from '@/api/client'
import type { Session } from '@/api/types'
import { TIERS } from '@/api/types'
import { sentence } from '@/common/states'
import { TierMark } from '@/common/tier-badge'
import { clock } from '@/format'
import { isTextKey, useI18n } from '@/i18n'
import { LanguageSwitch, SchemeSwitch } from '@/shell/top-bar'
import { CodeStep } from './code-step'
import { ProviderButton } from './provider-button'
import classes from './sign-in.module.css'
import { useClosed } from './use-closed'

/** Why the identity provider's way led back here, told in the address. */
function told(): string {
  return `signin.refused.${new URLSearchParams(window.location.search).get('refused') ?? ''}`
}

export function SignIn({ signedIn }: { signedIn: (session: Session) => void }) {
  const { t } = useI18n()
  const [login, setLogin] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState<string | null>(null)
  const [refusal, setRefusal] = useState<string | null>(() => {
    const key = told()
    return isTextKey(key) ? t(key) : null
  })
  const [busy, setBusy] = useState(false)
  const [closed, close] = useClosed()

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setRefusal(null)
    try {
      signedIn(await api.signIn(login.trim(), password, code ?? ''))
    } catch (error) {
      refuse(error)
      setBusy(false)
    }
  }

  const refuse = (error: unknown) => {
    if (!(error instanceof ApiError)) return setRefusal(sentence(error, t))
    if (error.kind === 'CodeNeeded') return setCode('')
    if (error.status === 429 && error.wait > 0) return close(error.wait)
    if (error.status !== 401) return setRefusal(sentence(error, t))
    setRefusal(t(code === null ? 'signin.refused' : 'signin.code.wrong'))
  }

  const back = () => {
    setCode(null)
    setPassword('')
    setRefusal(null)
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
          {code === null ? (
            <>
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
            </>
          ) : (
            <CodeStep code={code} change={setCode} />
          )}
          <div className={classes['refusal']} role="alert" data-testid="sign-in-error">
            {closed > 0 ? t('signin.closed', { time: clock(closed) }) : refusal}
          </div>
          <Button
            type="submit"
            size="md"
            fullWidth
            loading={busy}
            disabled={closed > 0}
            data-testid="sign-in-submit"
          >
            {t(code === null ? 'signin.button' : 'signin.code.button')}
          </Button>
          {code === null ? (
            <ProviderButton />
          ) : (
            <Button variant="subtle" size="sm" onClick={back} data-testid="sign-in-back">
              {t('signin.code.back')}
            </Button>
          )}
        </form>
      </main>
    </div>
  )
}
