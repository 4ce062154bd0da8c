/** Lays a change of the floor over the picture before it. Pure; `cti/domain/floor_changes.py` says what changes look like. */
import type { Fields, Floor, FloorChange, FloorList, RowsChange, WaitingCaller } from '@/api/types'

const KEY: Record<FloorList, (row: Fields) => string> = {
  queues: (row) => `${row['queue'] ?? ''}`,
  waiting: (row) => `${row['pbx'] ?? ''} ${row['uniqueid'] ?? ''}`,
  agents: (row) => `${row['pbx'] ?? ''} ${row['agent'] ?? ''}`,
  trend: (row) => `${row['queue'] ?? ''} ${row['from'] ?? ''}`,
}
/** Keys of rows seen before: all rows are looked at for each change, and few of them are new. */
const keys = new WeakMap<Fields, string>()

function keyOf(list: FloorList, row: Fields): string {
  const known = keys.get(row)
  if (known !== undefined) return known
  const key = KEY[list](row)
  keys.set(row, key)
  return key
}

/** Fields that hold fields of their own, of which only the changed ones are told. */
const INSIDE = new Set(['tiles', 'tiers'])

function laidOver(row: Fields, fields: Fields): Fields {
  const next = { ...row }
  for (const [name, value] of Object.entries(fields)) {
    next[name] = INSIDE.has(name) ? inside(row[name] as Fields, value as Fields) : value
  }
  return next
}

function inside(before: Fields, fields: Fields): Fields {
  const next = { ...before }
  for (const [name, value] of Object.entries(fields)) {
    const nested = value !== null && typeof value === 'object' && !Array.isArray(value)
    next[name] = nested ? { ...(before[name] as Fields), ...value } : value
  }
  return next
}

function changedRows(list: FloorList, rows: Fields[], told: RowsChange): Fields[] {
  const gone = new Set(told.gone)
  const set = told.set ?? {}
  let next: Fields[] = []
  for (const row of rows) {
    const key = keyOf(list, row)
    if (gone.has(key)) continue
    const fields = set[key]
    next.push(fields ? laidOver(row, fields) : row)
  }
  for (const [place, row] of told.new ?? []) next.splice(place, 0, row)
  if (told.order) {
    const byKey = new Map(next.map((row) => [keyOf(list, row), row]))
    next = told.order.map((key) => byKey.get(key)).filter((row) => row !== undefined)
  }
  return next
}

/** A position is the place among those of the same queue and switch. */
function inOrder(rows: WaitingCaller[]): WaitingCaller[] {
  const seen = new Map<string, number>()
  return rows.map((row) => {
    const line = `${row.pbx} ${row.queue}`
    const position = (seen.get(line) ?? 0) + 1
    seen.set(line, position)
    return row.position === position ? row : { ...row, position }
  })
}

export function changedFloor(floor: Floor, change: FloorChange, at: number): Floor {
  const next = { ...laidOver(floor as unknown as Fields, change.fields ?? {}), at } as unknown as Floor
  for (const list of Object.keys(KEY) as FloorList[]) {
    const told = change[list]
    if (!told) continue
    const rows = changedRows(list, floor[list] as unknown as Fields[], told)
    Object.assign(next, { [list]: list === 'waiting' ? inOrder(rows as unknown as WaitingCaller[]) : rows })
  }
  return next
}
