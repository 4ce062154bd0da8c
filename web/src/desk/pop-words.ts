/** What a card says of what is not known, or not known yet. Pure. */
import type { Pop } from '@/api/types'
import type { TextKey } from '@/i18n'

/** In the line for the customer's company, when there is no customer. */
export const strangerText = (pop: Pop): TextKey => (pop.known ? 'pop.new' : 'pop.new.wait')

/** In the place of the contacts; null when there are some. */
export function contactsText({ contacts, unreadable }: Pick<Pop, 'contacts' | 'unreadable'>): TextKey | null {
  if (contacts) return contacts.length > 0 ? null : 'pop.contacts.none'
  return unreadable ? 'pop.contacts.unreadable' : 'pop.contacts.wait'
}

/** How long the caller was told he would wait, and by how much it became later than that (0: it did not). In seconds. */
export function promise(
  pop: Pick<Pop, 'at' | 'waited_seconds' | 'promised_at'>,
): { told: number; late: number } | null {
  if (pop.promised_at === null || pop.waited_seconds === null) return null
  const joined = pop.at - pop.waited_seconds
  return { told: Math.max(0, pop.promised_at - joined), late: Math.max(0, pop.at - pop.promised_at) }
}
