import { memo, type ReactNode } from 'react'
import type { Tiles } from '@/api/types'
import { clock, count, percent, span } from '@/format'
import { useI18n } from '@/i18n'
import classes from './tiles.module.css'

interface TileProps {
  id: string
  label: string
  value: ReactNode
  sub: string
  hint?: string | undefined
  meter?: number | null
}

function Tile({ id, label, value, sub, hint, meter }: TileProps) {
  return (
    <div className={classes['tile']} data-testid={`tile-${id}`} title={hint}>
      <span className={classes['label']}>{label}</span>
      <span className={`${classes['value']} num`} data-testid={`tile-${id}-value`}>
        {value}
      </span>
      <span className={`${classes['sub']} cut`} title={sub}>
        {sub}
      </span>
      {meter === undefined ? null : (
        <span className={classes['meter']} aria-hidden="true">
          <span style={{ width: `${Math.round((meter ?? 0) * 100)}%` }} />
        </span>
      )}
    </div>
  )
}

export const TileStrip = memo(function TileStrip({ tiles }: { tiles: Tiles }) {
  const { t, word } = useI18n()
  const formula = tiles.service_level_formula
  return (
    <section className={classes['strip']} data-testid="tiles">
      <Tile
        id="answer-rate"
        label={t('tile.answer_rate')}
        value={percent(tiles.answer_rate)}
        sub={t('tile.answer_rate.sub', { answered: count(tiles.answered), offered: count(tiles.offered) })}
        meter={tiles.answer_rate}
      />
      <Tile
        id="service-level"
        label={t('tile.service_level')}
        value={percent(tiles.service_level)}
        sub={t('tile.service_level.sub', { formula, target: tiles.service_level_target_seconds })}
        hint={word('formula', formula)}
        meter={tiles.service_level}
      />
      <Tile
        id="abandon-rate"
        label={t('tile.abandon_rate')}
        value={percent(tiles.abandon_rate)}
        sub={t('tile.abandon_rate.sub', { abandoned: count(tiles.abandoned) })}
        meter={tiles.abandon_rate}
      />
      <Tile id="asa" label={t('tile.asa')} value={span(tiles.asa_seconds)} sub={t('tile.asa.sub')} />
      <Tile id="aht" label={t('tile.aht')} value={span(tiles.aht_seconds)} sub={t('tile.aht.sub')} />
      <Tile
        id="waiting"
        label={t('tile.waiting')}
        value={count(tiles.waiting)}
        sub={t('tile.waiting.sub', { talking: count(tiles.talking) })}
      />
      <Tile
        id="longest-wait"
        label={t('tile.longest')}
        value={tiles.waiting > 0 ? clock(tiles.longest_wait_seconds) : '–'}
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
