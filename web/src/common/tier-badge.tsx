import { memo } from 'react'
import type { Tier } from '@/api/types'
import { TIERS } from '@/api/types'
import { useI18n } from '@/i18n'
import classes from './tier-badge.module.css'

/** A shape of its own for each tier: colour is never the only sign. */
const SHAPES: Record<Tier, string> = {
  platinum: 'M6 0.8 11.2 6 6 11.2 0.8 6Z',
  gold: 'M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1Z',
  iron: 'M1.6 1.6h8.8v8.8H1.6Z',
  lead: 'M1 4.4h10v3.2H1Z',
}

export function isTier(name: string | null | undefined): name is Tier {
  return TIERS.includes(name as Tier)
}

export function TierMark({ tier, size = 10 }: { tier: Tier; size?: number | string }) {
  return (
    <svg viewBox="0 0 12 12" width={size} height={size} aria-hidden="true" className={classes['mark']}>
      <path d={SHAPES[tier]} />
    </svg>
  )
}

interface TierBadgeProps {
  tier: string | null | undefined
  large?: boolean
}

/** Lists show many, and each seldom changes. */
export const TierBadge = memo(function TierBadge({ tier, large = false }: TierBadgeProps) {
  const { t } = useI18n()
  const known = isTier(tier)
  return (
    <span
      className={classes['badge']}
      data-tier={known ? tier : 'none'}
      data-large={large || undefined}
      data-testid="tier-badge"
    >
      {known ? <TierMark tier={tier} size={large ? 13 : 9} /> : null}
      <span>{known ? t(`tier.${tier}`) : (tier ?? t('tier.none'))}</span>
    </span>
  )
})
