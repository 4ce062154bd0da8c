import { memo } from 'react'
import { useReasonName } from '@/agent-work/use-work'
import type { AgentFloor } from '@/api/types'
import { IconMicrophoneOff } from '@/common/icons'
import { Ticking } from '@/common/ticking'
import { TierBadge } from '@/common/tier-badge'
import { span } from '@/format'
import { useI18n } from '@/i18n'
import { AgentMenu } from '@/supervision/agent-menu'
import { STATE_ICONS } from './agent-look'
import classes from './agents.module.css'
import { Behind } from './behind'

export const AgentCard = memo(function AgentCard({ agent }: { agent: AgentFloor }) {
  const { t, word } = useI18n()
  const Icon = STATE_ICONS[agent.state] ?? STATE_ICONS.logged_off
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
        <AgentMenu agent={agent} />
      </header>
      <div className={classes['state']}>
        {agent.state === 'not_ready' && agent.reason ? (
          <StateAndReason state={agent.state} reason={agent.reason} />
        ) : (
          <StateWords words={word('agent', agent.state)} />
        )}
        {agent.recording_paused_since ? (
          <span
            className={classes['silent']}
            title={t('recording.paused')}
            role="img"
            aria-label={t('recording.paused')}
            data-testid="agent-silent"
          >
            <IconMicrophoneOff size={14} />
          </span>
        ) : null}
        <Ticking since={agent.since} />
      </div>
      <footer>
        <Serving agent={agent} />
      </footer>
    </article>
  )
})

function StateWords({ words }: { words: string }) {
  return (
    <span className="cut" data-testid="agent-state" title={words}>
      {words}
    </span>
  )
}

function StateAndReason({ state, reason }: { state: AgentFloor['state']; reason: string }) {
  const { word } = useI18n()
  const nameOf = useReasonName()
  return <StateWords words={`${word('agent', state)} · ${nameOf(reason)}`} />
}

function Serving({ agent }: { agent: AgentFloor }) {
  const { t } = useI18n()
  if (agent.customer || agent.call) {
    return (
      <>
        <TierBadge tier={agent.tier} />
        <span className="cut" title={agent.customer ?? undefined}>
          {agent.customer ?? t('unit.unknown_caller')}
        </span>
      </>
    )
  }
  return (
    <span className="faint cut">
      <Behind counted={{ each: 'segment', agent: agent.agent }}>
        {t('agents.handled', { n: agent.handled })}
      </Behind>
      {agent.aht_seconds ? ` · ${t('tile.aht')} ${span(Math.round(agent.aht_seconds))}` : ''}
    </span>
  )
}
