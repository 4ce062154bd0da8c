/** Addresses of other programs with what we know of a call filled in. Pure. */
import type { DeskLink, Pop, PopAction } from '@/api/types'

/** Percent-encoded; null when something the address asks for is not known. */
export function filled(url: string, pop: Pop): string | null {
  const known: Record<string, string | null | undefined> = {
    number: pop.number,
    customer_id: pop.customer?.id,
    queue: pop.queue,
    call_id: pop.call,
    name: pop.customer?.name ?? pop.name,
    agent: pop.agent,
    tier: pop.tier,
    dialled: pop.dialled,
    language: pop.customer?.language,
    callee: pop.callee,
  }
  const tel = url.startsWith('tel:')
  let missing = false
  const address = url.replace(/\{(\w+)\}/g, (_, place: string) => {
    const value = known[place]
    if (!value) missing = true
    const safe = encodeURIComponent(value ?? '')
    return tel ? safe.replaceAll('%2B', '+') : safe // RFC 3966 writes a plus as it is
  })
  return missing || !/^(https:\/\/|tel:)/.test(address) ? null : address
}

export function usable(links: DeskLink[], pop: Pop): { link: DeskLink; address: string }[] {
  return links.flatMap((link) => {
    const address = filled(link.url, pop)
    return address ? [{ link, address }] : []
  })
}

/** What the site's own program offers for this ring; null when nothing, or something no page may open. */
export function offered(offers: readonly PopAction[], pop: Pick<Pop, 'id' | 'at'>): string | null {
  const found = offers.findLast((one) => one.pop === pop.id && one.at === pop.at)
  return found && /^(https:\/\/|tel:)/.test(found.url) ? found.url : null
}
