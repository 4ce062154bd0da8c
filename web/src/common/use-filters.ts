/** Filters live in the address: a list can be reloaded, shared and gone back to. */
import { useCallback, useMemo } from 'react'
import { useSearchParams } from 'react-router'
import { periodBounds } from './period'

export interface Filters {
  get(name: string): string
  set(name: string, value: string | null): void
  setMany(values: Record<string, string | null>): void
  clear(): void
  offset: number
  any: boolean
  /** `from` and `until` in seconds since 1970, from the chosen period. */
  bounds: { from?: number; until?: number }
}

export function useFilters(defaultPeriod = 'all'): Filters {
  const [params, setParams] = useSearchParams()
  const setMany = useCallback(
    (values: Record<string, string | null>) =>
      setParams(
        () => {
          // What is drawn may be older than the address: who sets two filters at once would lose the first.
          const next = new URLSearchParams(window.location.search)
          if (!('offset' in values)) next.delete('offset')
          for (const [name, value] of Object.entries(values)) {
            if (value) next.set(name, value)
            else next.delete(name)
          }
          return next
        },
        { replace: true },
      ),
    [setParams],
  )
  return useMemo(
    () => ({
      get: (name) => params.get(name) ?? '',
      set: (name, value) => setMany({ [name]: value }),
      setMany,
      clear: () => setParams({}, { replace: true }),
      offset: Math.max(0, Number.parseInt(params.get('offset') ?? '0', 10) || 0),
      any: [...params.keys()].some((name) => name !== 'offset'),
      bounds: periodBounds(
        params.get('period') ?? defaultPeriod,
        params.get('from') ?? '',
        params.get('until') ?? '',
        Date.now() / 1000,
      ),
    }),
    [params, setMany, setParams, defaultPeriod],
  )
}
