import { plainWords } from '@/format'
import { isTextKey, type TextKey } from '@/i18n'

/** Why a call is not judged: a fault of its sound, one of our own reasons, or what somebody wrote. */
export function exclusionText(reason: string, t: (key: TextKey) => string): string {
  const key = [`fault.${reason}`, `reviews.exclusion.${reason}`].find(isTextKey)
  return key ? t(key) : plainWords(reason)
}
