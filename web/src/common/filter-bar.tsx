/** The filters that lists share: period, queue, agent, tier, a state, free text. */
import { ActionIcon, SegmentedControl, Select, TextInput, Tooltip } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api } from '@/api/client'
import { TIERS } from '@/api/types'
import { type TextKey, useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import classes from './filters.module.css'
import { IconSearch, IconX } from './icons'
import { PERIODS, type Period } from './period'
import type { Filters } from './use-filters'

interface FilterBarProps {
  filters: Filters
  search?: TextKey | undefined
  periods?: readonly Period[]
  defaultPeriod?: Period
  queue?: boolean
  agent?: boolean
  tier?: boolean
  /** Callers without a tier can be chosen too. */
  untiered?: boolean
  /** One more choice: its name in the address, its label and its words. */
  choice?: { name: string; label: TextKey; options: string[]; area: string }
  children?: React.ReactNode
}

export function FilterBar(props: FilterBarProps) {
  const { filters, search, periods, defaultPeriod = 'all', choice } = props
  const { t, word } = useI18n()
  return (
    <div className={classes['bar']} data-testid="filters">
      {search ? <SearchBox filters={filters} label={t(search)} /> : null}
      {periods ? <PeriodFilter filters={filters} periods={periods} defaultPeriod={defaultPeriod} /> : null}
      {props.queue ? <QueueFilter filters={filters} /> : null}
      {props.agent ? <AgentFilter filters={filters} /> : null}
      {props.tier ? (
        <Choice
          filters={filters}
          name="tier"
          label={t('filter.tier')}
          data={[
            ...TIERS.map((tier) => ({ value: tier, label: t(`tier.${tier}`) })),
            ...(props.untiered ? [{ value: 'unknown', label: t('tier.none') }] : []),
          ]}
        />
      ) : null}
      {choice ? (
        <Choice
          filters={filters}
          name={choice.name}
          label={t(choice.label)}
          data={choice.options.map((value) => ({ value, label: word(choice.area, value) }))}
        />
      ) : null}
      {props.children}
      {filters.any ? (
        <Tooltip label={t('filter.clear')}>
          <ActionIcon aria-label={t('filter.clear')} onClick={filters.clear} data-testid="filter-clear">
            <IconX size={16} />
          </ActionIcon>
        </Tooltip>
      ) : null}
    </div>
  )
}

interface ChoiceProps {
  filters: Filters
  name: string
  label: string
  data: { value: string; label: string }[]
  searchable?: boolean
}

function Choice({ filters, name, label, data, searchable = false }: ChoiceProps) {
  return (
    <Select
      className={classes['choice'] ?? ''}
      aria-label={label}
      placeholder={label}
      data={data}
      value={filters.get(name) || null}
      onChange={(value) => filters.set(name, value)}
      searchable={searchable}
      clearable
      data-testid={`filter-${name}`}
    />
  )
}

function QueueFilter({ filters }: { filters: Filters }) {
  const { t } = useI18n()
  const { may } = useSession()
  const allowed = may('see_floor')
  const { data } = useQuery({
    queryKey: ['queues'],
    queryFn: api.queues,
    staleTime: 60_000,
    enabled: allowed,
  })
  if (!allowed) return null // nothing to choose from
  const known = data?.items.map((item) => ({ value: item.queue, label: item.queue })) ?? []
  return <Choice filters={filters} name="queue" label={t('filter.queue')} data={known} />
}

function AgentFilter({ filters }: { filters: Filters }) {
  const { t } = useI18n()
  const { may } = useSession()
  const allowed = may('see_floor')
  const { data } = useQuery({
    queryKey: ['agents'],
    queryFn: api.agents,
    staleTime: 60_000,
    enabled: allowed,
  })
  if (!allowed) return null
  const known =
    data?.items.map((item) => ({ value: item.agent, label: `${item.agent} ${item.name ?? ''}`.trim() })) ?? []
  return <Choice filters={filters} name="agent" label={t('filter.agent')} data={known} searchable />
}

function SearchBox({ filters, label }: { filters: Filters; label: string }) {
  const outside = filters.get('search')
  const [text, setText] = useState(outside)
  useEffect(() => setText(outside), [outside])
  const later = useDebouncedCallback((value: string) => filters.set('search', value), 300)
  return (
    <TextInput
      className={classes['search'] ?? ''}
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={15} />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value)
        later(event.currentTarget.value)
      }}
      data-testid="filter-search"
    />
  )
}

interface PeriodFilterProps {
  filters: Filters
  periods: readonly Period[]
  defaultPeriod: Period
}

export function PeriodFilter({ filters, periods, defaultPeriod }: PeriodFilterProps) {
  const { t } = useI18n()
  const chosen = filters.get('period') || defaultPeriod
  const value = PERIODS.find((period) => period === chosen) ?? defaultPeriod
  return (
    <>
      <SegmentedControl
        aria-label={t('filter.period')}
        data={periods.map((period) => ({ value: period, label: t(`period.${period}`) }))}
        value={value}
        onChange={(next) => filters.set('period', next === defaultPeriod ? null : next)}
        data-testid="filter-period"
      />
      {value === 'own'
        ? (['from', 'until'] as const).map((side) => (
            <TextInput
              key={side}
              type="date"
              w={138}
              aria-label={t(`filter.${side}`)}
              value={filters.get(side)}
              onChange={(event) => filters.set(side, event.currentTarget.value)}
              data-testid={`filter-${side}`}
            />
          ))
        : null}
    </>
  )
}
