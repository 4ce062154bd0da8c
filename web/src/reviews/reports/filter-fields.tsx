/** Of which calls a scheduled report tells: the same questions as the report's own. */
import { Select, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { api } from '@/api/client'
import { qualityApi, type ScheduleForm } from '@/api/quality'
import { TIERS } from '@/api/types'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import classes from './page.module.css'

type Filter = NonNullable<ScheduleForm['filter']>
const BASES = ['random', 'stratified', 'all'] as const

interface FilterFieldsProps {
  filter: Filter
  set: (filter: Filter) => void
}

export function FilterFields({ filter, set }: FilterFieldsProps) {
  const { t, words } = useI18n()
  const { may } = useSession()
  const floor = may('see_floor')
  const queues = useQuery({ queryKey: ['queues'], queryFn: api.queues, staleTime: 60_000, enabled: floor })
  const agents = useQuery({ queryKey: ['agents'], queryFn: api.agents, staleTime: 60_000, enabled: floor })
  const cards = useQuery({ queryKey: ['scorecards'], queryFn: qualityApi.scorecards, staleTime: 60_000 })
  const known = (queues.data?.items ?? []).map((one) => one.queue)
  const named = (agents.data?.items ?? []).map((one) => ({
    value: one.agent,
    label: `${one.agent} ${one.name ?? ''}`.trim(),
  }))
  const titles = (cards.data?.items ?? []).map((card) => ({ value: card.id, label: words(card.title) }))
  return (
    <div className={classes['two']}>
      <Select
        label={t('reports.basis')}
        data={BASES.map((value) => ({ value, label: t(`reports.basis.${value}`) }))}
        value={filter.basis ?? 'random'}
        allowDeselect={false}
        onChange={(value) => set({ ...filter, basis: BASES.find((one) => one === value) ?? 'random' })}
        data-testid="schedule-basis"
      />
      <Choice
        name="queue"
        label={t('filter.queue')}
        data={known.map((queue) => ({ value: queue, label: queue }))}
        value={filter.queue}
        choose={(queue) => set({ ...filter, queue })}
      />
      <Choice
        name="agent"
        label={t('filter.agent')}
        data={named}
        value={filter.agent}
        choose={(agent) => set({ ...filter, agent })}
      />
      <TextInput
        label={t('reports.group.team')}
        value={filter.team ?? ''}
        maxLength={80}
        onChange={(event) => set({ ...filter, team: event.currentTarget.value || null })}
        data-testid="schedule-team"
      />
      <Choice
        name="tier"
        label={t('filter.tier')}
        data={TIERS.map((tier) => ({ value: tier, label: t(`tier.${tier}`) }))}
        value={filter.tier}
        choose={(value) => set({ ...filter, tier: TIERS.find((one) => one === value) ?? null })}
      />
      <Choice
        name="scorecard"
        label={t('reports.card')}
        data={titles}
        value={filter.scorecard}
        choose={(scorecard) => set({ ...filter, scorecard })}
      />
    </div>
  )
}

interface ChoiceProps {
  name: string
  label: string
  data: { value: string; label: string }[]
  value: string | null | undefined
  choose: (value: string | null) => void
}

/** What is chosen stays a choice, though it may be gone from the lists. */
function Choice({ name, label, data, value, choose }: ChoiceProps) {
  const gone = value && !data.some((one) => one.value === value) ? [{ value, label: value }] : []
  return (
    <Select
      label={label}
      data={[...data, ...gone]}
      value={value ?? null}
      onChange={choose}
      searchable
      clearable
      data-testid={`schedule-${name}`}
    />
  )
}
