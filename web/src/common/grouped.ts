/** Rows by a name of theirs, in the order in which the names first come. */
export function grouped<T, K>(rows: readonly T[], name: (row: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const row of rows) {
    const group = groups.get(name(row))
    if (group) group.push(row)
    else groups.set(name(row), [row])
  }
  return groups
}
