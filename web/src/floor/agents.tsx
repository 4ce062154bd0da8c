import { SegmentedControl, Select } from '@mantine/core'
import { memo, useMemo } from 'react'
import type { AgentFloor } from '@/api/types'
import { Panel } from '@/common/panel'
import { EmptyNote } from '@/common/states'
import { useFilters } from '@/common/use-filters'
import { useI18n } from '@/i18n'
import { AgentCard } from './agent-card'
import { STATE_ORDER } from './agent-look'
import classes from './agents.module.css'
import { type AgentGroup, arranged, GROUPS, PLACE, SORTS, type Sort } from './arrange'

/** Of a usual screen, and in pixels with the gap: how high a group out of sight is taken to be. */
const [COLUMNS, CARD_HEIGHT] = [6, 117]

interface AgentsProps {
  agents: AgentFloor[]
  searched: boolean
}

/** How agents are grouped and sorted stands in the address, so that it can be kept and shared. */
export const Agents = memo(function Agents({ agents, searched }: AgentsProps) {
  const { t } = useI18n()
  const filters = useFilters()
  const group = GROUPS.find((one) => one === filters.get('group')) ?? 'none'
  const sort = SORTS.find((one) => one === filters.get('sort')) ?? 'state'
  const only = STATE_ORDER.find((one) => one === filters.get('state'))
  const counts = STATE_ORDER.map((state) => ({
    state,
    n: agents.filter((row) => row.state === state).length,
  })).filter(({ state, n }) => n > 0 || state === only)
  const groups = useMemo(
    () => arranged(only ? agents.filter((one) => one.state === only) : agents, group, sort),
    [agents, only, group, sort],
  )
  return (
    <Panel
      title={t('agents.title')}
      testId="agents"
      right={
        <>
          <SegmentedControl
            aria-label={t('agents.group')}
            data={GROUPS.map((one) => ({ value: one, label: t(`agents.group.${one}`) }))}
            value={group}
            onChange={(next) => filters.set('group', next === 'none' ? null : next)}
            data-testid="agents-group"
          />
          <Select
            w={150}
            aria-label={t('agents.sort')}
            data={SORTS.map((one) => ({ value: one, label: t(`agents.sort.${one}`) }))}
            value={sort}
            allowDeselect={false}
            onChange={(next) => filters.set('sort', next === 'state' ? null : next)}
            data-testid="agents-sort"
          />
        </>
      }
    >
      <div className={classes['legend']}>
        {counts.map(({ state, n }) => (
          <button
            key={state}
            type="button"
            className={classes['chip']}
            data-testid={`agents-state-${state}`}
            aria-pressed={only === state}
            onClick={() => filters.set('state', only === state ? null : state)}
          >
            <b className="num">{n}</b> {t(`agent.${state}`)}
          </button>
        ))}
      </div>
      {groups.every((one) => one.agents.length === 0) ? (
        <EmptyNote title={t(searched || only ? 'floor.none' : 'agents.empty')} />
      ) : (
        groups.map((one) => <Group key={one.name} group={one} sort={sort} />)
      )}
    </Panel>
  )
})

function Group({ group, sort }: { group: AgentGroup; sort: Sort }) {
  const { t, word } = useI18n()
  const filters = useFilters()
  const name =
    filters.get('group') === 'state' ? word('agent', group.name) : group.name || t('agents.noqueue')
  const grouped = ['state', 'queue'].includes(filters.get('group'))
  return (
    <section className={classes['group']} aria-label={grouped ? name : undefined} data-testid="agent-group">
      {grouped ? (
        <h3>
          {name} <span className="faint num">{group.agents.length}</span>
        </h3>
      ) : null}
      <div
        className={classes['grid']}
        style={{ containIntrinsicSize: `auto ${Math.ceil(group.agents.length / COLUMNS) * CARD_HEIGHT}px` }}
      >
        {group.agents.map((agent) => (
          <div key={`${agent.pbx} ${agent.agent}`} style={{ order: PLACE[sort](agent) }}>
            <AgentCard agent={agent} />
          </div>
        ))}
      </div>
    </section>
  )
}
