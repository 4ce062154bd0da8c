import { isTextKey } from '@/i18n'

/** The formula in words: ours in both languages when we know it, else what the server says. */
export function formulaText(
  name: string,
  told: Record<string, unknown> | undefined,
  word: (area: string, name: string) => string,
): string {
  if (isTextKey(`formula.${name}`)) return word('formula', name)
  const text = told?.[name]
  return typeof text === 'string' ? text : name
}
