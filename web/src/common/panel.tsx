import type { ReactNode } from 'react'
import classes from './panel.module.css'

interface PanelProps {
  title?: ReactNode
  note?: ReactNode
  right?: ReactNode
  flush?: boolean
  className?: string | undefined
  testId?: string
  children: ReactNode
}

export function Panel({ title, note, right, flush = false, className, testId, children }: PanelProps) {
  return (
    <section className={`${classes['panel']} ${className ?? ''}`} data-testid={testId}>
      {title || right ? (
        <header className={classes['head']}>
          {title ? <h2 className={classes['title']}>{title}</h2> : null}
          {note ? <span className={`${classes['note']} cut`}>{note}</span> : null}
          {right ? <div className={classes['right']}>{right}</div> : null}
        </header>
      ) : null}
      <div className={flush ? classes['flush'] : classes['body']}>{children}</div>
    </section>
  )
}

export function PageHead({ title, note, right }: { title: ReactNode; note?: ReactNode; right?: ReactNode }) {
  return (
    <div className={classes['pagehead']}>
      <div className={classes['pagetitle']}>
        <h1>{title}</h1>
        {note ? <span className="quiet">{note}</span> : null}
      </div>
      {right ? <div className={classes['right']}>{right}</div> : null}
    </div>
  )
}

/** Label over value, in a row that wraps. */
export function Facts({ items, columns }: { items: [string, ReactNode][]; columns?: number }) {
  return (
    <dl
      className={classes['facts']}
      style={columns ? { gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` } : undefined}
    >
      {items.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
