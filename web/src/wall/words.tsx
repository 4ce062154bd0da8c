import classes from './wall.module.css'

/** The same in one language or two, the second smaller. */
export function Words({ said }: { said: string[] }) {
  const [first, second] = said
  return (
    <span className={classes['words']}>
      {first}
      {second ? <span className={classes['second']}> {second}</span> : null}
    </span>
  )
}
