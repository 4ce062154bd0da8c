import { useI18n } from '@/i18n'
import classes from './page.module.css'
import { isScalar, label, Scalar } from './scalar'

interface SomethingProps {
  name: string
  value: unknown
}

/** A list of like things is a table, a thing with names a list of facts, the rest its text. */
export function Something({ name, value }: SomethingProps) {
  const { t } = useI18n()
  if (isScalar(value)) {
    return (
      <div className={classes['alone']}>
        <Scalar name={name} value={value} />
      </div>
    )
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return <div className={`${classes['alone']} faint`}>{t('operations.none')}</div>
    return value.every(isScalar) ? <Lines name={name} values={value} /> : <Rows values={value} />
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

function Rows({ values }: { values: unknown[] }) {
  const rows = values.filter((value): value is Record<string, unknown> => !isScalar(value))
  const heads = [...new Set(rows.flatMap((row) => Object.keys(row)))]
  return (
    <div className={classes['scroll']}>
      <table className={classes['table']}>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head}>{label(head)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: findings have no id
            <tr key={place}>
              {heads.map((head) => (
                <td key={head}>
                  <Cell name={head} value={row[head]} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
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
