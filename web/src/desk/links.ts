/** Addresses of other programs with what we know of a call filled in. Pure. */
import type { DeskLink, Pop } from '@/api/types'

/** Percent-encoded; null when something the address asks for is not known. */
export function filled(url: string, pop: Pop): string | null {
  const known: Record<string, string | null | undefined> = {
    number: pop.number,
    customer_id: pop.customer?.id,
    queue: pop.queue,
    call_id: pop.call,
  }
  let missing = false
  const address = url.replace(/\{(\w+)\}/g, (_, place: string) => {
    const value = known[place]
    if (!value) missing = true
    return encodeURIComponent(value ?? '')
  })
  return missing || !/^(https:\/\/|tel:)/.test(address) ? null : address
}

export function usable(links: DeskLink[], pop: Pop): { link: DeskLink; address: string }[] {
  return links.flatMap((link) => {
    const address = filled(link.url, pop)
    return address ? [{ link, address }] : []
  })
}
