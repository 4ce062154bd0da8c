import { memo, useEffect, useRef, useState } from 'react'
import { useReasonName } from '@/agent-work/use-work'
import type { AgentFloor } from '@/api/types'
import { Ticking } from '@/common/ticking'
import { TierBadge } from '@/common/tier-badge'
import { span } from '@/format'
import { useI18n } from '@/i18n'
import { AgentMenu } from '@/supervision/agent-menu'
import { STATE_ICONS } from './agent-look'
import classes from './agents.module.css'
import { Behind } from './behind'
import { whenNear } from './near'

export const AgentCard = memo(function AgentCard({ agent }: { agent: AgentFloor }) {
  const { word } = useI18n()
  const place = useRef<HTMLElement>(null)
  const near = useNear(place)
  const Icon = STATE_ICONS[agent.state] ?? STATE_ICONS.logged_off
  const nameOf = useReasonName()
  const why = agent.state === 'not_ready' && agent.reason ? ` · ${nameOf(agent.reason)}` : ''
  return (
    <article
      ref={place}
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
        {near ? <AgentMenu agent={agent} /> : null}
      </header>
      <div className={classes['state']}>
        <span className="cut" data-testid="agent-state" title={word('agent', agent.state) + why}>
          {word('agent', agent.state)}
          {why}
        </span>
        <Ticking since={agent.since} />
      </div>
      <footer>
        <Serving agent={agent} />
      </footer>
    </article>
  )
})

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

/** A menu for each of five hundred cards would cost more than the cards: those near the window have theirs. */
function useNear(place: React.RefObject<HTMLElement | null>): boolean {
  const [near, setNear] = useState(false)
  useEffect(() => (place.current ? whenNear(place.current, setNear) : undefined), [place])
  return near
}
