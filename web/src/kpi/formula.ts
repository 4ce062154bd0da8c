const PREFIX = 'service_level.'

/** The service level formulas the server knows, by name. */
export function formulaNames(told: Record<string, string> | undefined): string[] {
  const names = Object.keys(told ?? {})
    .filter((key) => key.startsWith(PREFIX))
    .map((key) => key.slice(PREFIX.length))
  return names.length > 0 ? names : ['strict']
}

/** The exact formula, as the server counts. */
export function exactFormula(name: string, told: Record<string, string> | undefined): string {
  return told?.[PREFIX + name] ?? ''
}
