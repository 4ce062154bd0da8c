import { memo, type ReactNode } from 'react'
import type { Proof, Tiles } from '@/api/types'
import { ProofMark } from '@/common/proof-mark'
import { Ticking } from '@/common/ticking'
import { count, percent, span } from '@/format'
import { useI18n } from '@/i18n'
import { Behind, type Counted } from './behind'
import classes from './tiles.module.css'

interface TileProps {
  id: string
  label: string
  value: ReactNode
  sub: string
  hint?: string | undefined
  meter?: number | null
  /** More of it is worse. */
  bad?: boolean
  /** For figures made of finished calls. */
  proof?: Proof
  /** What it counts. */
  counted?: Counted
  subCounted?: Counted
}

function Tile({ id, label, value, sub, hint, meter, bad = false, proof, counted, subCounted }: TileProps) {
  return (
    <div className={classes['tile']} data-testid={`tile-${id}`} title={hint}>
      <span className={classes['label']}>{label}</span>
      <span className={`${classes['value']} num`} data-testid={`tile-${id}-value`}>
        {counted ? <Behind counted={counted}>{value}</Behind> : value}
      </span>
      <span className={`${classes['sub']} cut`} title={sub}>
        {subCounted ? <Behind counted={subCounted}>{sub}</Behind> : sub}
      </span>
      {proof ? <ProofMark proof={proof} short /> : null}
      {meter === undefined ? null : (
        <span className={classes['meter']} data-bad={bad || undefined} aria-hidden="true">
          <span style={{ width: `${Math.round((meter ?? 0) * 100)}%` }} />
        </span>
      )}
    </div>
  )
}

export const TileStrip = memo(function TileStrip({ tiles, proof }: { tiles: Tiles; proof: Proof }) {
  const { t, word } = useI18n()
  const formula = tiles.service_level_formula
  return (
    <section className={classes['strip']} data-testid="tiles">
      <Tile
        id="answer-rate"
        counted={{ each: 'visit', fate: 'answered' }}
        subCounted={{ each: 'visit' }}
        label={t('tile.answer_rate')}
        value={percent(tiles.answer_rate)}
        sub={t('tile.answer_rate.sub', {
          answered: count(tiles.answered),
          // who has waited since yesterday is not among today's
          offered: count(Math.max(tiles.answered, tiles.offered - tiles.waiting + tiles.blocked)),
        })}
        meter={tiles.answer_rate}
        proof={proof}
      />
      <Tile
        id="service-level"
        counted={{ each: 'visit', fate: 'answered', waited: 'within' }}
        subCounted={{ each: 'visit', fate: 'answered', waited: 'beyond' }}
        label={t('tile.service_level')}
        value={percent(tiles.service_level)}
        sub={t('tile.service_level.sub', { formula, target: tiles.service_level_target_seconds })}
        hint={word('formula', formula)}
        meter={tiles.service_level}
        proof={proof}
      />
      <Tile
        id="abandon-rate"
        counted={{ each: 'visit', fate: 'abandoned' }}
        label={t('tile.abandon_rate')}
        value={percent(tiles.abandon_rate)}
        sub={t('tile.abandon_rate.sub', { abandoned: count(tiles.abandoned) })}
        meter={tiles.abandon_rate}
        proof={proof}
        bad
      />
      <Tile
        id="asa"
        counted={{ each: 'visit', fate: 'answered' }}
        label={t('tile.asa')}
        value={span(tiles.asa_seconds)}
        sub={t('tile.asa.sub')}
        proof={proof}
      />
      <Tile
        id="aht"
        counted={{ each: 'segment' }}
        label={t('tile.aht')}
        value={span(tiles.aht_seconds)}
        sub={t('tile.aht.sub')}
        proof={proof}
      />
      <Tile
        id="waiting"
        counted={{ each: 'visit', fate: 'waiting' }}
        label={t('tile.waiting')}
        value={count(tiles.waiting)}
        sub={t('tile.waiting.sub', { talking: count(tiles.talking) })}
      />
      <Tile
        id="longest-wait"
        counted={{ each: 'visit', fate: 'waiting' }}
        label={t('tile.longest')}
        value={tiles.longest_since === null ? '–' : <Ticking since={tiles.longest_since} />}
        sub={t('tile.longest.sub')}
      />
      <Tile
        id="agents-ready"
        label={t('tile.ready')}
        value={count(tiles.agents_ready)}
        sub={t('tile.ready.sub', { on: count(tiles.agents_on) })}
      />
    </section>
  )
})
