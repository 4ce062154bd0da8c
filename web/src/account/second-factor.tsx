/** The authenticator app: off, being enrolled, its recovery codes shown once, on. */
import { Button, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { accessApi, type SecondFactor } from '@/api/access'
import { IconShieldCheck } from '@/common/icons'
import { useNotice } from '@/common/notice'
import { Panel } from '@/common/panel'
import { ErrorNote, LoadingRows } from '@/common/states'
import { useI18n } from '@/i18n'
import classes from './page.module.css'
import { PresentPassword } from './present-password'

export function SecondFactorPanel() {
  const { t } = useI18n()
  const { attempt } = useNotice()
  const client = useQueryClient()
  const [enrolling, enrol] = useState<SecondFactor | null>(null)
  const [codes, setCodes] = useState<string[] | null>(null)
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['account', 'second-factor'],
    queryFn: accessApi.secondFactor,
  })
  const confirm = (code: string, password: string) =>
    attempt(async () => {
      const told = await accessApi.confirmSecondFactor(code, password)
      setCodes(told.codes)
      enrol(null)
      await client.invalidateQueries({ queryKey: ['account'] })
    })
  return (
    <Panel title={t('account.factor')} testId="account-factor">
      {isPending ? <LoadingRows rows={2} /> : null}
      {error && !data ? <ErrorNote error={error} retry={() => void refetch()} /> : null}
      {codes ? <Recovery codes={codes} done={() => setCodes(null)} /> : null}
      {!codes && enrolling ? <Enrol factor={enrolling} confirm={confirm} /> : null}
      {data && !data.on && !data.password ? (
        <p className={classes['text']}>{t('account.factor.elsewhere')}</p>
      ) : null}
      {!codes && !enrolling && data?.on === false && data.password ? (
        <div className={classes['form']}>
          <p className={classes['text']}>{t('account.factor.off')}</p>
          <Button
            onClick={() => void attempt(async () => enrol(await accessApi.beginSecondFactor()))}
            data-testid="factor-begin"
          >
            {t('account.factor.begin')}
          </Button>
        </div>
      ) : null}
      {!codes && data?.on ? <End password={data.password} /> : null}
    </Panel>
  )
}

interface EnrolProps {
  factor: SecondFactor
  confirm: (code: string, password: string) => Promise<boolean>
}

function Enrol({ factor, confirm }: EnrolProps) {
  const { t } = useI18n()
  const [code, setCode] = useState('')
  const [password, setPassword] = useState('')
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void confirm(code, password).then((fits) => fits || setCode(''))
  }
  return (
    <form className={classes['form']} onSubmit={submit} data-testid="factor-enrol">
      <p className={classes['text']}>{t('account.factor.scan')}</p>
      <img
        src={factor.picture}
        className={classes['picture']}
        alt={t('account.factor.picture')}
        data-testid="factor-picture"
      />
      <span className="quiet">
        {t('account.factor.key')} <span className={classes['secret']}>{factor.key}</span>
      </span>
      <TextInput
        label={t('account.factor.code')}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        autoComplete="one-time-code"
        inputMode="numeric"
        maxLength={8}
        w={140}
        required
        withAsterisk={false}
        autoFocus
        data-testid="factor-code"
      />
      <PresentPassword
        value={password}
        change={setPassword}
        hint={t('account.factor.begin.sub')}
        testId="factor-begin-password"
      />
      <Button type="submit" data-testid="factor-confirm">
        {t('account.factor.confirm')}
      </Button>
    </form>
  )
}

function Recovery({ codes, done }: { codes: string[]; done: () => void }) {
  const { t } = useI18n()
  return (
    <div className={classes['form']} data-testid="factor-recovery">
      <strong>{t('account.recovery')}</strong>
      <p className={classes['text']}>{t('account.recovery.sub')}</p>
      <ul className={classes['codes']}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <Button onClick={done} data-testid="factor-done">
        {t('account.recovery.done')}
      </Button>
    </div>
  )
}

function End({ password: asked }: { password: boolean }) {
  const { t } = useI18n()
  const { attempt, say } = useNotice()
  const client = useQueryClient()
  const [password, setPassword] = useState('')
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    if (await attempt(() => accessApi.endSecondFactor(password))) {
      say(t('account.factor.ended'))
      void client.invalidateQueries({ queryKey: ['account'] })
    }
  }
  return (
    <form className={classes['form']} onSubmit={submit} data-testid="factor-on">
      <span className={classes['row']}>
        <IconShieldCheck size={20} stroke={1.7} /> {t('account.factor.on')}
      </span>
      {asked ? (
        <PresentPassword
          value={password}
          change={setPassword}
          hint={t('account.factor.end.sub')}
          testId="factor-password"
        />
      ) : null}
      <Button type="submit" variant="default" data-testid="factor-end">
        {t('account.factor.end')}
      </Button>
    </form>
  )
}
