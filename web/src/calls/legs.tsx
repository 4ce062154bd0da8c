import type { Offer, Segment, Transfer } from '@/api/types'
import { AgentName } from '@/common/agent-name'
import { Panel } from '@/common/panel'
import { type Tone, WordBadge } from '@/common/word-badge'
import { clock, span } from '@/format'
import { useI18n } from '@/i18n'
import classes from './detail.module.css'

const OFFER_TONES: Record<string, Tone> = { connected: 'good', ring_no_answer: 'warn', busy: 'warn' }

export function Offers({ offers }: { offers: Offer[] }) {
  const { t, word } = useI18n()
  return (
    <Panel title={t('call.offers')} testId="call-offers">
      {offers.length === 0 ? <span className="faint">{t('call.offers.none')}</span> : null}
      <ol className={classes['legs']}>
        {offers.map((offer, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: ring attempts have no id and only grow
          <li key={place}>
            <strong className="cut">
              <AgentName agent={offer.agent} />
            </strong>
            <WordBadge tone={(offer.result && OFFER_TONES[offer.result]) || 'plain'}>
              {word('offer', offer.result)}
            </WordBadge>
            <span className={`${classes['end']} quiet num`}>
              {t('call.ring')} {span(offer.ring_seconds)}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}

export function Segments({ segments }: { segments: Segment[] }) {
  const { t } = useI18n()
  return (
    <Panel title={t('call.segments')} testId="call-segments">
      {segments.length === 0 ? <span className="faint">{t('call.segments.none')}</span> : null}
      <ol className={classes['legs']}>
        {segments.map((segment, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: segments have no id and only grow
          <li key={place}>
            <strong className="cut">
              <AgentName agent={segment.agent} />
            </strong>
            <span className={`${classes['end']} quiet num`}>
              {t('call.talk')} {clock(segment.talk_seconds)}
              {segment.hold_seconds > 0 ? ` · ${t('call.hold')} ${clock(segment.hold_seconds)}` : ''}
            </span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}

export function Transfers({ transfers }: { transfers: Transfer[] }) {
  const { t, word } = useI18n()
  if (transfers.length === 0) return null
  return (
    <Panel title={t('call.transfers')} testId="call-transfers">
      <ol className={classes['legs']}>
        {transfers.map((transfer, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: transfers have no id and only grow
          <li key={place}>
            <strong>
              {transfer.from ?? '–'} → {transfer.to ?? '–'}
            </strong>
            <WordBadge>{word('transfer', transfer.kind)}</WordBadge>
            <span className={`${classes['end']} quiet`}>{transfer.result}</span>
          </li>
        ))}
      </ol>
    </Panel>
  )
}
