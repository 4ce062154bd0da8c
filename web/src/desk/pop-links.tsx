import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'react-router'
import { api } from '@/api/client'
import type { DeskLink, Pop, PopAction } from '@/api/types'
import { useI18n } from '@/i18n'
import { useSession } from '@/session/session'
import { useLive } from '@/stream/live'
import { offered, usable } from './links'
import classes from './pop-card.module.css'

const NONE: DeskLink[] = []
const NO_OFFERS: PopAction[] = []
/** The site may change its buttons at any time. */
const FRESH_MS = 60_000

/** The customer's page, and the site's own programs, opened beside this one. */
export function PopLinks({ pop }: { pop: Pop }) {
  const { t, words } = useI18n()
  const { may } = useSession()
  const { data } = useQuery({
    queryKey: ['desk-links'],
    queryFn: api.deskLinks,
    enabled: may('use_desk'),
    staleTime: FRESH_MS,
  })
  const offers = useLive((state) => state.offers) ?? NO_OFFERS
  const offer = offered(offers, pop)
  return (
    <footer className={classes['links']} data-testid="pop-links">
      {offer ? (
        <Button
          component="a"
          href={offer}
          target={offer.startsWith('https:') ? '_blank' : undefined}
          rel="noopener noreferrer"
          data-testid="pop-offer"
        >
          {t('pop.offer')}
        </Button>
      ) : null}
      {pop.customer && may('see_customers') ? (
        <Button component={Link} to={`/customers/${encodeURIComponent(pop.customer.id)}`} variant="default">
          {t('pop.open')}
        </Button>
      ) : null}
      {usable(data?.items ?? NONE, pop).map(({ link, address }) => (
        <Button
          key={link.url}
          component="a"
          href={address}
          target={address.startsWith('https:') ? '_blank' : undefined}
          rel="noopener noreferrer"
          variant="default"
          data-testid="pop-link"
        >
          {words(link.name)}
        </Button>
      ))}
    </footer>
  )
}
