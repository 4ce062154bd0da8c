import { Link } from 'react-router'
import classes from './back-link.module.css'
import { IconChevronLeft } from './icons'

export function BackLink({ to, children }: { to: string; children: string }) {
  return (
    <Link to={to} className={classes['back'] ?? ''} data-testid="back">
      <IconChevronLeft size={15} /> {children}
    </Link>
  )
}
