/** One table for all lists: quiet head, whole rows that open by click or Enter. */
import type { CSSProperties, KeyboardEvent, ReactNode } from 'react'
import classes from './table.module.css'

export interface Column<T> {
  key: string
  head: ReactNode
  cell: (row: T) => ReactNode
  /** Numbers stand right. */
  right?: boolean
  /** A CSS width; the columns without one share the rest. */
  width?: string
  /** The width on a phone; false where there is no room for it. */
  phone?: string | false
}

interface TableProps<T> {
  columns: Column<T>[]
  rows: readonly T[]
  rowKey: (row: T) => string
  open?: ((row: T) => void) | undefined
  chosen?: (row: T) => boolean
  testId: string
  minWidth?: number
  label: string
}

export function DataTable<T>({
  columns,
  rows,
  rowKey,
  open,
  chosen,
  testId,
  minWidth,
  label,
}: TableProps<T>) {
  const wide = columns.map((column) => column.phone === false || undefined)
  const keyed = (row: T) => (event: KeyboardEvent) => {
    if (!open || (event.key !== 'Enter' && event.key !== ' ') || event.target !== event.currentTarget) return
    event.preventDefault()
    open(row)
  }
  return (
    <section className={classes['scroll']} aria-label={label} tabIndex={open ? undefined : 0}>
      <table
        className={classes['table']}
        style={sizes({ '--least': minWidth && `${minWidth}px` })}
        data-testid={testId}
        aria-label={label}
      >
        <thead>
          <tr>
            {columns.map((column, place) => (
              <th
                key={column.key}
                style={sizes({ '--width': column.width, '--phone': column.phone || undefined })}
                data-right={column.right || undefined}
                data-wide={wide[place]}
              >
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr
              key={rowKey(row)}
              data-testid={`${testId}-row`}
              data-id={rowKey(row)}
              data-open={open ? true : undefined}
              data-chosen={chosen?.(row) || undefined}
              tabIndex={open ? 0 : undefined}
              onClick={open ? () => open(row) : undefined}
              onKeyDown={keyed(row)}
            >
              {columns.map((column, place) => (
                <td key={column.key} data-right={column.right || undefined} data-wide={wide[place]}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** Custom properties, so that the style sheet can choose another size for a phone. */
function sizes(named: Record<`--${string}`, string | number | undefined>): CSSProperties {
  return named as CSSProperties
}
