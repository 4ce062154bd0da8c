import { Button, PasswordInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { accessApi } from '@/api/access'
import { useNotice } from '@/common/notice'
import { Panel } from '@/common/panel'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import classes from './page.module.css'

export function PasswordPanel() {
  const { t } = useI18n()
  const { user } = useSession()
  const { attempt, say } = useNotice()
  const client = useQueryClient()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const [busy, setBusy] = useState(false)

  const save = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    if (await attempt(() => accessApi.changePassword(current, next))) {
      say(t('account.password.saved'))
      setCurrent('')
      setNext('')
      void client.invalidateQueries({ queryKey: ['account'] })
    }
    setBusy(false)
  }

  return (
    <Panel title={t('account.password')} note={t('account.password.sub')} testId="account-password">
      <form className={classes['form']} onSubmit={save}>
        <input type="text" name="username" autoComplete="username" value={user.login} readOnly hidden />
        <PasswordInput
          size="xs"
          label={t('account.password.current')}
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
          autoComplete="current-password"
          required
          withAsterisk={false}
          data-testid="password-current"
        />
        <PasswordInput
          size="xs"
          label={t('account.password.new')}
          description={t('account.password.hint')}
          value={next}
          onChange={(event) => setNext(event.currentTarget.value)}
          autoComplete="new-password"
          minLength={10}
          required
          withAsterisk={false}
          data-testid="password-new"
        />
        <Button type="submit" loading={busy} data-testid="password-save">
          {t('account.password.save')}
        </Button>
      </form>
    </Panel>
  )
}
