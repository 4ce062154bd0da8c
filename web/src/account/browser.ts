/** A browser's own long word for itself, made short. Pure. */
const NAMES: [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\/|Chromium\//, 'Chrome'],
  [/Safari\//, 'Safari'],
]
const SYSTEMS: [RegExp, string][] = [
  [/Windows/, 'Windows'],
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Mac OS X/, 'macOS'],
  [/Linux|X11/, 'Linux'],
]

export function browserName(header: string): string {
  const found = (table: [RegExp, string][]) => table.find(([pattern]) => pattern.test(header))?.[1]
  const name = found(NAMES)
  const system = found(SYSTEMS)
  if (name && system) return `${name} · ${system}`
  return name ?? header.split(/[\s(]/)[0] ?? ''
}
