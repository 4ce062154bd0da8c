/** A new API token: named, narrowed, given an end, and shown once. */
import { Button, Checkbox, CopyButton, Input, Modal, SegmentedControl, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { accessApi } from '@/api/access'
import { useNotice } from '@/common/notice'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import classes from './page.module.css'
import { PresentPassword } from './present-password'

const DAYS = ['30', '90', '365', 'none'] as const

export function NewTokenForm({ opened, close }: { opened: boolean; close: () => void }) {
  const { t, word } = useI18n()
  const { user } = useSession()
  const { attempt } = useNotice()
  const client = useQueryClient()
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<string[]>([])
  const [days, setDays] = useState<string>('90')
  const [password, setPassword] = useState('')
  const { data: factor } = useQuery({
    queryKey: ['account', 'second-factor'],
    queryFn: accessApi.secondFactor,
  })
  const [made, setMade] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return // a second press would make a second one, whose secret nobody saw
    setBusy(true)
    await attempt(async () => {
      const until = days === 'none' ? null : Number(days)
      const token = await accessApi.addToken(name.trim(), scopes, until, password)
      setMade(token.token)
      await client.invalidateQueries({ queryKey: ['account', 'tokens'] })
    })
    setBusy(false)
  }
  const leave = () => {
    setMade(null)
    setName('')
    setScopes([])
    setPassword('')
    close()
  }

  return (
    <Modal
      opened={opened}
      onClose={leave}
      title={t('account.tokens.add')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {made ? (
        <div className={classes['form']} data-testid="token-made">
          <strong>{t('account.tokens.made')}</strong>
          <code className={classes['secret']} data-testid="token-secret">
            {made}
          </code>
          <CopyButton value={made}>
            {({ copied, copy }) => (
              <Button onClick={copy}>{t(copied ? 'account.tokens.copied' : 'account.tokens.copy')}</Button>
            )}
          </CopyButton>
        </div>
      ) : (
        <form className={classes['form']} onSubmit={(event) => void submit(event)} data-testid="token-form">
          <TextInput
            label={t('account.tokens.name')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            maxLength={80}
            required
            withAsterisk={false}
            data-autofocus
            data-testid="token-name"
          />
          <Checkbox.Group label={t('account.tokens.scopes')} value={scopes} onChange={setScopes}>
            {user.permissions.map((scope) => (
              <Checkbox
                key={scope}
                mt={8}
                size="sm"
                value={scope}
                label={word('permission', scope)}
                data-testid={`token-scope-${scope}`}
              />
            ))}
          </Checkbox.Group>
          <div>
            <Input.Label size="sm">{t('account.tokens.days')}</Input.Label>
            <SegmentedControl
              fullWidth
              aria-label={t('account.tokens.days')}
              value={days}
              onChange={setDays}
              data={DAYS.map((value) => ({ value, label: t(`account.tokens.days.${value}`) }))}
            />
          </div>
          {factor?.password === false ? null : (
            <PresentPassword
              value={password}
              change={setPassword}
              hint={t('account.tokens.password')}
              testId="token-password"
            />
          )}
          <Button type="submit" loading={busy} disabled={scopes.length === 0} data-testid="token-make">
            {t('account.tokens.make')}
          </Button>
        </form>
      )}
    </Modal>
  )
}
