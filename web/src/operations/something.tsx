import { useI18n } from '@/i18n'
import classes from './page.module.css'
import { isScalar, Scalar, useLabel } from './scalar'

interface SomethingProps {
  name: string
  value: unknown
}

/** A list of like things is a table, a thing with names a list of facts, the rest its text. */
export function Something({ name, value }: SomethingProps) {
  const { t } = useI18n()
  const label = useLabel()
  if (isScalar(value)) {
    return (
      <div className={classes['alone']}>
        <Scalar name={name} value={value} />
      </div>
    )
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return <div className={`${classes['alone']} faint`}>{t('operations.none')}</div>
    return value.every(isScalar) ? <Lines name={name} values={value} /> : <Rows name={name} values={value} />
  }
  const entries = Object.entries(value as object)
  if (entries.length === 0) return <div className={`${classes['alone']} faint`}>{t('operations.none')}</div>
  return (
    <dl className={classes['facts']}>
      {entries.map(([key, inner]) => (
        <div key={key}>
          <dt>{label(key)}</dt>
          <dd>
            {isScalar(inner) ? <Scalar name={key} value={inner} /> : <Something name={key} value={inner} />}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function Lines({ name, values }: { name: string; values: unknown[] }) {
  return (
    <ul className={classes['lines']}>
      {values.filter(isScalar).map((value) => (
        <li key={JSON.stringify(value)}>
          <Scalar name={name} value={value} />
        </li>
      ))}
    </ul>
  )
}

function Rows({ name, values }: { name: string; values: unknown[] }) {
  const rows = values.filter((value): value is Record<string, unknown> => !isScalar(value))
  const label = useLabel()
  const heads = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  const right = (head: string) =>
    rows.every((row) => typeof row[head] === 'number' && !head.endsWith('_at')) || undefined
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it with the arrow keys
    <section className={classes['scroll']} aria-label={label(name)} tabIndex={0}>
      <table className={classes['table']}>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} data-right={right(head)}>
                {label(head)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: findings have no id
            <tr key={place}>
              {heads.map((head) => (
                <td key={head} data-right={right(head)}>
                  <Cell name={head} value={row[head]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Cell({ name, value }: SomethingProps) {
  if (isScalar(value)) return <Scalar name={name} value={value} />
  if (Array.isArray(value)) return <>{value.map(String).join(', ')}</>
  return (
    <>
      {Object.entries(value as object)
        .map(([key, inner]) => `${key}: ${String(inner)}`)
        .join(', ')}
    </>
  )
}
