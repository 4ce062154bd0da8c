/** One user: added or changed. */
import { Button, Modal, PasswordInput, Select, Switch, TagsInput, TextInput } from '@mantine/core'
import { useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { type Account, accessApi } from '@/api/access'
import { useNotice } from '@/common/notice'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import classes from './form.module.css'
import { UserTokens } from './tokens'

const ROLES = ['agent', 'reviewer', 'supervisor', 'operator', 'administrator'] as const
type Role = (typeof ROLES)[number]

interface UserFormProps {
  shown: Account | 'new' | null
  teams: string[]
  close: () => void
}

export function UserForm({ shown, teams, close }: UserFormProps) {
  const { t } = useI18n()
  const account = shown === 'new' ? null : shown
  return (
    <Modal
      opened={shown !== null}
      onClose={close}
      title={account ? t('users.change', { name: account.name }) : t('users.add')}
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      {shown ? <Fields key={account?.id ?? 'new'} account={account} teams={teams} close={close} /> : null}
    </Modal>
  )
}

interface FieldsProps {
  account: Account | null
  teams: string[]
  close: () => void
}

function Fields({ account, teams: known, close }: FieldsProps) {
  const { t, word } = useI18n()
  const { user } = useSession()
  const { attempt, say } = useNotice()
  const client = useQueryClient()
  const [login, setLogin] = useState(account?.login ?? '')
  const [name, setName] = useState(account?.name ?? '')
  const [role, setRole] = useState<Role>(account?.role ?? 'agent')
  const [agent, setAgent] = useState(account?.agent ?? '')
  const [teams, setTeams] = useState(account?.teams ?? [])
  const [language, setLanguage] = useState<string>(account?.language ?? 'zh')
  const [password, setPassword] = useState('')
  const [active, setActive] = useState(account?.active ?? true)
  const [busy, setBusy] = useState(false)
  const own = account?.id === user.id
  const external = account?.external ?? false

  const form = {
    login: login.trim(),
    name: name.trim(),
    role,
    agent: role === 'agent' ? agent.trim() : '',
    teams,
    language: language === 'en' ? ('en' as const) : ('zh' as const),
  }
  const changed = {
    ...form,
    active,
    ...(password ? { password } : {}),
    role: role === account?.role ? null : role,
  }
  const save = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    const saved = await attempt(() =>
      account ? accessApi.changeUser(account.id, changed) : accessApi.addUser({ ...form, password }),
    )
    setBusy(false)
    if (!saved) return
    say(t('users.saved', { name: form.name }))
    await client.invalidateQueries({ queryKey: ['users'] })
    close()
  }

  return (
    <form className={classes['form']} onSubmit={save} data-testid="user-form">
      {external ? <p className={`${classes['text']} quiet`}>{t('users.external.hint')}</p> : null}
      <TextInput
        label={t('users.login')}
        value={login}
        onChange={(event) => setLogin(event.currentTarget.value)}
        autoComplete="off"
        pattern="\S+"
        maxLength={200}
        required
        withAsterisk={false}
        data-autofocus={account ? undefined : true}
        data-testid="user-login"
      />
      <TextInput
        label={t('users.name')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        maxLength={200}
        required
        withAsterisk={false}
        data-testid="user-name"
      />
      <div className={classes['two']}>
        <Select
          label={t('users.role')}
          data={ROLES.map((value) => ({ value, label: word('role', value) }))}
          value={role}
          onChange={(value) => setRole((value as Role | null) ?? role)}
          allowDeselect={false}
          disabled={own}
          data-testid="user-role"
        />
        <Select
          label={t('users.language')}
          data={[
            { value: 'zh', label: '中文' },
            { value: 'en', label: 'English' },
          ]}
          value={language}
          onChange={(value) => setLanguage(value ?? language)}
          allowDeselect={false}
        />
      </div>
      {role === 'agent' ? (
        <TextInput
          label={t('users.agent')}
          description={t('users.agent.hint')}
          value={agent}
          onChange={(event) => setAgent(event.currentTarget.value)}
          maxLength={80}
          required
          withAsterisk={false}
          data-testid="user-agent"
        />
      ) : null}
      <TagsInput
        label={t('users.teams')}
        description={t('users.teams.hint')}
        data={known}
        value={teams}
        onChange={setTeams}
        maxLength={40}
        size="xs"
        acceptValueOnBlur
        data-testid="user-teams"
      />
      {external ? null : (
        <PasswordInput
          size="xs"
          label={t(account ? 'users.password.new' : 'users.password')}
          description={`${t('account.password.hint')} ${account ? t('users.password.keep') : ''}`}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="new-password"
          minLength={10}
          required={!account}
          withAsterisk={false}
          data-testid="user-password"
        />
      )}
      {account ? (
        <Switch
          label={t('users.active')}
          description={t('users.active.hint')}
          checked={active}
          onChange={(event) => setActive(event.currentTarget.checked)}
          disabled={own}
          data-testid="user-active"
        />
      ) : null}
      {account ? <UserTokens account={account} /> : null}
      <div className={classes['buttons']}>
        {account ? <Deeds account={account} /> : null}
        <Button type="submit" loading={busy} data-testid="user-save">
          {t('users.save')}
        </Button>
      </div>
    </form>
  )
}

function Deeds({ account }: { account: Account }) {
  const { t } = useI18n()
  const { attempt, say } = useNotice()
  const client = useQueryClient()
  const name = account.name
  const end = async () => {
    if (await attempt(() => accessApi.endUserSessions(account.id))) say(t('users.ended', { name }))
  }
  const take = async () => {
    if (await attempt(() => accessApi.takeSecondFactor(account.id))) say(t('users.factor.taken', { name }))
    void client.invalidateQueries({ queryKey: ['users'] })
  }
  return (
    <>
      <Button variant="default" onClick={() => void end()} data-testid="user-end-sessions">
        {t('users.end')}
      </Button>
      {account.second_factor ? (
        <Button variant="default" onClick={() => void take()} data-testid="user-take-factor">
          {t('users.factor.take')}
        </Button>
      ) : null}
    </>
  )
}
