/** What else recordings are searched by: whose call, how it ended, its score, what was heard in it, the time of day. */
import { Button, Indicator, Popover, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useEffect, useRef, useState } from 'react'
import type { Query } from '@/api/client'
import { IconAdjustmentsHorizontal } from '@/common/icons'
import type { Filters } from '@/common/use-filters'
import { useI18n } from '@/i18n'
import classes from './more-filters.module.css'

const TEXTS = ['number', 'customer', 'disposition'] as const
const TIMES = ['time_from', 'time_until'] as const
const NUMBERS = ['shortest_seconds', 'longest_seconds', 'score_from', 'score_until'] as const
const HEARD = [
  'dead_air_seconds',
  'talk_over_seconds',
  'hold_seconds',
  'silence_percent',
  'talk_percent',
] as const
const ENDED_BY = ['caller', 'agent', 'transfer'] as const
const EVERY = [...TEXTS, ...TIMES, ...NUMBERS, ...HEARD, 'ended_by', 'faulty'] as const
type Name = (typeof EVERY)[number]

/** The question as the server is asked it. */
export function moreQuery(filters: Filters): Query {
  const query: Query = {}
  for (const name of [...TEXTS, ...TIMES, ...NUMBERS, 'ended_by', 'faulty'] as const)
    query[name] = filters.get(name)
  for (const name of ['dead_air_seconds', 'talk_over_seconds', 'hold_seconds'] as const)
    query[name] = filters.get(name)
  query['silence_share'] = share(filters.get('silence_percent'))
  query['agent_talk_share'] = share(filters.get('talk_percent'))
  return query
}

function share(percent: string): number | null {
  return percent === '' || Number.isNaN(Number(percent))
    ? null
    : Math.min(100, Math.max(0, Number(percent))) / 100
}

export function MoreFilters({ filters }: { filters: Filters }) {
  const { t, word } = useI18n()
  const used = EVERY.filter((name) => filters.get(name)).length
  // two changes in one moment must not undo each other: what is written meanwhile goes into the address together
  const written = useRef<Record<string, string | null>>({})
  const ask = () => {
    if (Object.keys(written.current).length === 0) return
    filters.setMany(written.current)
    written.current = {}
  }
  const later = useDebouncedCallback(ask, 400)
  const change = (name: Name, value: string | null, atOnce = false) => {
    written.current[name] = value
    if (atOnce) ask()
    else later()
  }
  const given = { filters, change }
  return (
    <Popover position="bottom-end" width={360} shadow="md" trapFocus>
      <Indicator label={used} size={16} disabled={used === 0} color="accent">
        <Popover.Target>
          <Button
            variant="default"
            leftSection={<IconAdjustmentsHorizontal size={15} />}
            data-testid="more-filters"
          >
            {t('more.title')}
          </Button>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown aria-label={t('more.title')}>
        <div className={classes['fields']} data-testid="more-fields">
          <Field {...given} name="number" wide />
          <Field {...given} name="customer" />
          <Field {...given} name="disposition" />
          <Choice
            {...given}
            name="ended_by"
            data={ENDED_BY.map((value) => ({ value, label: word('by', value) }))}
          />
          <Choice
            {...given}
            name="faulty"
            data={(['true', 'false'] as const).map((value) => ({ value, label: t(`more.faulty.${value}`) }))}
          />
          {TIMES.map((name) => (
            <Field key={name} {...given} name={name} type="time" />
          ))}
          {NUMBERS.map((name) => (
            <Field key={name} {...given} name={name} type="number" />
          ))}
          {HEARD.map((name) => (
            <Field key={name} {...given} name={name} type="number" />
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}

interface Given {
  filters: Filters
  change(name: Name, value: string | null, atOnce?: boolean): void
}

interface FieldProps extends Given {
  name: Name
  type?: 'text' | 'number' | 'time'
  wide?: boolean
}

function Field({ filters, change, name, type = 'text', wide = false }: FieldProps) {
  const { t } = useI18n()
  const outside = filters.get(name)
  const [text, setText] = useState(outside)
  useEffect(() => setText(outside), [outside])
  return (
    <TextInput
      className={wide ? (classes['wide'] ?? '') : ''}
      label={t(`more.${name}`)}
      type={type}
      min={type === 'number' ? 0 : undefined}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value)
        change(name, event.currentTarget.value.trim())
      }}
      data-testid={`more-${name}`}
    />
  )
}

interface ChoiceProps extends Given {
  name: 'ended_by' | 'faulty'
  data: { value: string; label: string }[]
}

function Choice({ filters, change, name, data }: ChoiceProps) {
  const { t } = useI18n()
  return (
    <Select
      label={t(`more.${name}`)}
      placeholder={t('more.any')}
      data={data}
      value={filters.get(name) || null}
      onChange={(value) => change(name, value, true)}
      clearable
      comboboxProps={{ withinPortal: false }}
      data-testid={`more-${name}`}
    />
  )
}
