/** Over the wave: where nobody spoke, both spoke, the customer was on hold or recording stood still; below it the legend. */
import { useI18n } from '@/i18n'
import { following, KINDS, place, type Shown } from './spans'
import classes from './spans.module.css'

export function SpanLayer({ spans, length }: { spans: Shown; length: number }) {
  return (
    <div className={classes['layer']} aria-hidden="true">
      {KINDS.flatMap((kind) =>
        spans[kind].map((span) => (
          <span
            key={`${kind} ${span[0]}`}
            className={classes['span']}
            data-kind={kind}
            style={place(span, length)}
          />
        )),
      )}
    </div>
  )
}

/** Whose lane is whose, beside the wave: over it they would hide how the call began. */
export function Sides() {
  const { t } = useI18n()
  return (
    <div className={classes['sides']} aria-hidden="true">
      <span>{t('player.side.customer')}</span>
      <span>{t('player.side.agent')}</span>
    </div>
  )
}

interface LegendProps {
  spans: Shown
  now(): number
  jump(seconds: number): void
}

/** Each kind with its count; a click leads to the next. */
export function Legend({ spans, now, jump }: LegendProps) {
  const { t } = useI18n()
  const there = KINDS.filter((kind) => spans[kind].length > 0)
  if (there.length === 0) return null
  return (
    <div className={classes['legend']} data-testid="player-legend">
      {there.map((kind) => (
        <button
          key={kind}
          type="button"
          className={classes['kind']}
          title={t('player.next', { what: t(`player.span.${kind}`) })}
          onClick={() => {
            const at = following(spans[kind], now())
            if (at !== null) jump(at)
          }}
          data-testid={`player-next-${kind}`}
        >
          <span className={classes['swatch']} data-kind={kind} aria-hidden="true" />
          {t(`player.span.${kind}`)} <span className="num">{spans[kind].length}</span>
        </button>
      ))}
    </div>
  )
}
