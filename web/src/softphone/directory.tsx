/** Whom a call can go to: colleagues and queues with their state of this moment, and any number typed. */
import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { QueueFloor } from '@/api/types'
import { IconUsers } from '@/common/icons'
import { STATE_ICONS, STATE_ORDER } from '@/floor/agent-look'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { useLive } from '@/stream/live'
import { useButtons } from './provider'
import classes from './softphone.module.css'
import { numberOf } from './state'
import { useColleagues, useDirectory } from './use-colleagues'

const NO_QUEUES: QueueFloor[] = []
const NO_NUMBERS: string[] = []

interface Props {
  /** The buttons of each line; the first is what Enter does. */
  actions: { id: string; label: string; hint?: string; act: (number: string) => void }[]
  id: string
  label: string
  disabled?: boolean
  focused?: boolean
}

export function Directory({ actions, id, label, disabled = false, focused = false }: Props) {
  const { t, word } = useI18n()
  const { user } = useSession()
  const sounds = useButtons()?.sounds ?? true
  const rows = useColleagues()
  const queues = useLive((state) => state.floor?.queues) ?? NO_QUEUES
  const numbers = useDirectory()?.queue_numbers ?? NO_NUMBERS
  const [text, setText] = useState('')
  const looked = text.trim().toLowerCase()
  const fits = (...names: string[]) => names.some((name) => name.toLowerCase().includes(looked))
  const colleagues = rows
    .filter((row) => row.agent !== user.agent && row.state !== 'logged_off')
    .filter((row) => fits(row.name, row.agent, row.number))
    .sort(
      (a, b) => STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state) || a.name.localeCompare(b.name),
    )
  const fitting = sounds ? queues.filter((row) => fits(row.queue)) : []
  const fittingNumbers = sounds ? [] : numbers.filter((one) => fits(one))
  const targets = [
    ...colleagues.map((row) => row.number),
    ...fitting.map((row) => row.queue),
    ...fittingNumbers,
  ]
  const number = numberOf(text, targets)
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (number) actions[0]?.act(number)
  }
  const buttons = (target: string, name: string) =>
    actions.map(({ id: what, label: says, hint, act }) => (
      <Button
        key={what}
        size="compact-xs"
        variant="subtle"
        disabled={disabled}
        onClick={() => act(target)}
        aria-label={`${says}: ${name}`}
        title={hint}
        data-testid={`directory-${what}`}
      >
        {says}
      </Button>
    ))
  return (
    <div className={classes['directory']} data-testid="phone-directory">
      <form className={classes['form']} onSubmit={submit}>
        <TextInput
          size="sm"
          flex={1}
          aria-label={label}
          placeholder={label}
          value={text}
          data-autofocus={focused || undefined}
          ref={(field) => {
            if (focused && field && !field.dataset['met']) {
              field.dataset['met'] = 'yes'
              field.focus()
            }
          }}
          onChange={(event) => setText(event.currentTarget.value)}
          data-testid={`${id}-number`}
        />
        {actions.map(({ id: what, label: says, hint, act }, place) => (
          <Button
            key={what}
            size="sm"
            px="sm"
            type={place === 0 ? 'submit' : 'button'}
            variant="light"
            disabled={disabled || !number}
            title={hint}
            onClick={place === 0 ? undefined : () => act(number)}
            data-testid={place === 0 ? `${id}-go` : `${id}-${what}`}
          >
            {says}
          </Button>
        ))}
      </form>
      {colleagues.length + fitting.length + fittingNumbers.length === 0 ? (
        <span className="faint">{t('phone.directory.none')}</span>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls is scrolled by keys too
        <ul className={classes['people']} aria-label={t('phone.directory')} tabIndex={0}>
          {colleagues.map((row) => {
            const Icon = STATE_ICONS[row.state]
            return (
              <li key={row.agent} data-testid="directory-agent" data-agent={row.agent} data-state={row.state}>
                <Icon size={15} stroke={2} aria-hidden="true" />
                <span className={classes['person']}>
                  <span className="cut" title={row.name}>
                    {row.name || row.agent}
                  </span>
                  <span className="faint cut">
                    {word('agent', row.state)} · {row.number}
                  </span>
                </span>
                {buttons(row.number, row.name || row.agent)}
              </li>
            )
          })}
          {fitting.map((row) => (
            <li key={row.queue} data-testid="directory-queue" data-queue={row.queue}>
              <IconUsers size={15} stroke={2} aria-hidden="true" />
              <span className={classes['person']}>
                <span className="cut" title={row.queue}>
                  {row.queue}
                </span>
                <span className="faint cut num">
                  {t('phone.queue', { n: row.waiting, free: row.agents_ready })}
                </span>
              </span>
              {buttons(row.queue, row.queue)}
            </li>
          ))}
          {fittingNumbers.map((one) => (
            <li key={one} data-testid="directory-number">
              <IconUsers size={15} stroke={2} aria-hidden="true" />
              <span className={classes['person']}>
                <span className="cut num">{one}</span>
                <span className="faint cut">{t('phone.queue.number')}</span>
              </span>
              {buttons(one, one)}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
