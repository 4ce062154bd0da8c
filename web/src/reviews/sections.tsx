/** The pages of quality, one beside the other. */
import { NavLink } from 'react-router'
import { type TextKey, useI18n } from '@/i18n'
import classes from './sections.module.css'

const PAGES: [string, TextKey][] = [
  ['/reviews', 'quality.queue'],
  ['/reviews/coverage', 'quality.coverage'],
  ['/reviews/calibration', 'quality.calibration'],
  ['/reviews/disputes', 'quality.disputes'],
  ['/reviews/coaching', 'quality.coaching'],
]

export function QualitySections() {
  const { t } = useI18n()
  return (
    <nav className={classes['sections']} aria-label={t('quality.sections')} data-testid="quality-sections">
      {PAGES.map(([path, text]) => (
        <NavLink key={path} to={path} end className={classes['link'] ?? ''}>
          {t(text)}
        </NavLink>
      ))}
    </nav>
  )
}
