/** Whom a call can go to: colleagues and queues with their state of this moment, and any number typed. */
import { Button, TextInput } from '@mantine/core'
import { type FormEvent, memo, useCallback, useDeferredValue, useMemo, useRef, useState } from 'react'
import type { AgentState, QueueFloor } from '@/api/types'
import { IconUsers } from '@/common/icons'
import { STATE_ICONS, STATE_ORDER } from '@/floor/agent-look'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { useLive } from '@/stream/live'
import { useButtons } from './provider'
import classes from './softphone.module.css'
import { numberOf } from './state'
import { useColleagues, useDirectory } from './use-colleagues'

const alphabet = new Intl.Collator()
const NO_QUEUES: QueueFloor[] = []
const NO_NUMBERS: string[] = []
/** Whoever is not among so many is found by typing. */
const SHOWN = 30

interface Action {
  id: string
  label: string
  hint?: string
  act: (number: string) => void
}

interface Props {
  /** The buttons of each line; the first is what Enter does. */
  actions: Action[]
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
  const queues = useDeferredValue(useLive((state) => state.floor?.queues) ?? NO_QUEUES)
  const numbers = useDirectory()?.queue_numbers ?? NO_NUMBERS
  const [text, setText] = useState('')
  const looked = text.trim().toLowerCase()
  const fits = (...names: string[]) => names.some((name) => name.toLowerCase().includes(looked))
  const colleagues = rows
    .filter((row) => row.agent !== user.agent && row.state !== 'logged_off')
    .filter((row) => fits(row.name, row.agent, row.number))
    .sort(
      (a, b) =>
        STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state) || alphabet.compare(a.name, b.name),
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
  const latest = useRef(actions)
  latest.current = actions
  const press = useCallback((what: string, target: string) => {
    latest.current.find((one) => one.id === what)?.act(target)
  }, [])
  const signs = JSON.stringify(actions) // what they do is no part of it
  const buttons = useMemo<Sign[]>(() => JSON.parse(signs), [signs])
  const lines: Omit<LineProps, 'buttons' | 'disabled' | 'press'>[] = [
    ...colleagues.map(({ agent, number: target, name, state }) => {
      return {
        kind: 'agent' as const,
        id: agent,
        target,
        name: name || agent,
        state,
        note: `${word('agent', state)} · ${target}`,
      }
    }),
    ...fitting.map(({ queue, waiting, agents_ready }) => {
      const note = t('phone.queue', { n: waiting, free: agents_ready })
      return { kind: 'queue' as const, id: queue, target: queue, name: queue, note }
    }),
    ...fittingNumbers.map((one) => {
      return { kind: 'number' as const, id: one, target: one, name: one, note: t('phone.queue.number') }
    }),
  ]
  const more = lines.length - SHOWN
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
      {lines.length === 0 ? (
        <span className="faint">{t('phone.directory.none')}</span>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a list that scrolls is scrolled by keys too
        <ul className={classes['people']} aria-label={t('phone.directory')} tabIndex={0}>
          {lines.slice(0, SHOWN).map((one) => (
            <Line
              key={`${one.kind} ${one.id}`}
              {...one}
              buttons={buttons}
              disabled={disabled}
              press={press}
            />
          ))}
          {more > 0 ? <li className="faint">{t('phone.directory.more', { n: more })}</li> : null}
        </ul>
      )}
    </div>
  )
}

type Sign = Omit<Action, 'act'>

interface LineProps {
  kind: 'agent' | 'queue' | 'number'
  id: string
  /** What is dialled. */
  target: string
  name: string
  note: string
  state?: AgentState
  buttons: Sign[]
  disabled: boolean
  press: (what: string, target: string) => void
}

/** Drawn again only when it says something else: the house is large, and the floor moves all the time. */
const Line = memo(function Line({
  kind,
  id,
  target,
  name,
  note,
  state,
  buttons,
  disabled,
  press,
}: LineProps) {
  const Icon = state ? STATE_ICONS[state] : IconUsers
  return (
    <li
      data-testid={`directory-${kind}`}
      data-agent={state ? id : undefined}
      data-state={state}
      data-queue={kind === 'queue' ? id : undefined}
    >
      <Icon size={15} stroke={2} aria-hidden="true" />
      <span className={classes['person']}>
        <span className="cut" title={name}>
          {name}
        </span>
        <span className="faint cut num">{note}</span>
      </span>
      {buttons.map(({ id: what, label, hint }) => (
        <Button
          key={what}
          size="compact-xs"
          variant="subtle"
          disabled={disabled}
          onClick={() => press(what, target)}
          aria-label={`${label}: ${name}`}
          title={hint}
          data-testid={`directory-${what}`}
        >
          {label}
        </Button>
      ))}
    </li>
  )
})
