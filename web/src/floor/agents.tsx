import { ActionIcon, Menu } from '@mantine/core'
import { memo, useMemo } from 'react'
import { api } from '@/api/client'
import type { AgentFloor } from '@/api/types'
import { IconDots } from '@/common/icons'
import { useNotice } from '@/common/notice'
import { Panel } from '@/common/panel'
import { EmptyNote } from '@/common/states'
import { Ticking } from '@/common/ticking'
import { TierBadge } from '@/common/tier-badge'
import { span } from '@/format'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { REASONS, STATE_ICONS, STATE_ORDER } from './agent-look'
import classes from './agents.module.css'

export function Agents({ agents }: { agents: AgentFloor[] }) {
  const { t } = useI18n()
  const sorted = useMemo(
    () =>
      agents.toSorted(
        (a, b) =>
          STATE_ORDER.indexOf(a.state) - STATE_ORDER.indexOf(b.state) ||
          a.agent.localeCompare(b.agent, 'en', { numeric: true }),
      ),
    [agents],
  )
  const counts = STATE_ORDER.map((state) => ({
    state,
    n: agents.filter((row) => row.state === state).length,
  }))
  return (
    <Panel
      title={t('agents.title')}
      testId="agents"
      right={
        <span className={classes['legend']}>
          {counts
            .filter((entry) => entry.n > 0)
            .map((entry) => (
              <span key={entry.state} data-state={entry.state}>
                <b className="num">{entry.n}</b> {t(`agent.${entry.state}`)}
              </span>
            ))}
        </span>
      }
    >
      {agents.length === 0 ? (
        <EmptyNote title={t('agents.empty')} />
      ) : (
        <div className={classes['grid']}>
          {sorted.map((agent) => (
            <AgentCard key={agent.agent} agent={agent} />
          ))}
        </div>
      )}
    </Panel>
  )
}

const AgentCard = memo(function AgentCard({ agent }: { agent: AgentFloor }) {
  const { t, word } = useI18n()
  const { may } = useSession()
  const Icon = STATE_ICONS[agent.state] ?? STATE_ICONS.logged_off
  const why = agent.state === 'not_ready' && agent.reason ? ` · ${word('reason', agent.reason)}` : ''
  return (
    <article
      className={classes['card']}
      data-state={agent.state}
      data-testid="agent-card"
      data-agent={agent.agent}
    >
      <header>
        <span className={classes['icon']}>
          <Icon size={16} stroke={1.9} />
        </span>
        <span className={classes['name']}>
          <span className="cut" title={agent.name}>
            {agent.name}
          </span>
          <span className={`${classes['queues']} cut`} title={agent.queues.join(', ')}>
            {agent.agent} · {agent.queues.join(', ') || '–'}
          </span>
        </span>
        {may('control_agents') ? <AgentMenu agent={agent} /> : null}
      </header>
      <div className={classes['state']}>
        <span className="cut" data-testid="agent-state" title={word('agent', agent.state) + why}>
          {word('agent', agent.state)}
          {why}
        </span>
        <Ticking since={agent.since} />
      </div>
      <footer>
        {agent.customer || agent.call ? (
          <>
            <TierBadge tier={agent.tier} />
            <span className="cut" title={agent.customer ?? undefined}>
              {agent.customer ?? t('unit.unknown_caller')}
            </span>
          </>
        ) : (
          <span className="faint cut">
            {t('agents.handled', { n: agent.handled })}
            {agent.aht_seconds ? ` · ${t('tile.aht')} ${span(Math.round(agent.aht_seconds))}` : ''}
          </span>
        )}
      </footer>
    </article>
  )
})

function AgentMenu({ agent }: { agent: AgentFloor }) {
  const { t } = useI18n()
  const { attempt } = useNotice()
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon size="sm" aria-label={t('agents.actions', { name: agent.name })}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => attempt(() => api.ready(agent.agent))}>{t('agents.setready')}</Menu.Item>
        <Menu.Label>{t('agents.setnotready')}</Menu.Label>
        {REASONS.map((reason) => (
          <Menu.Item key={reason} onClick={() => attempt(() => api.notReady(agent.agent, reason))}>
            {t(`reason.${reason}` as 'reason.break')}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
