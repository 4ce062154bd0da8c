/** Over the wave: where nobody spoke, both spoke, the customer was on hold or recording stood still; below it the legend. */
import { useI18n } from '@/i18n'
import { following, KINDS, place, type Shown } from './spans'
import classes from './spans.module.css'

export function SpanLayer({ spans, length, lanes }: { spans: Shown; length: number; lanes: boolean }) {
  const { t } = useI18n()
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
      {lanes
        ? (['customer', 'agent'] as const).map((side) => (
            <span key={side} className={classes['side']} data-side={side}>
              {t(`player.side.${side}`)}
            </span>
          ))
        : null}
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
