import { TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { useEffect, useState } from 'react'
import bar from '@/common/filters.module.css'
import { IconSearch } from '@/common/icons'
import type { Filters } from '@/common/use-filters'

/** A filter of words, asked for once somebody has stopped typing. */
export function Words({ filters, name, label }: { filters: Filters; name: string; label: string }) {
  const outside = filters.get(name)
  const [text, setText] = useState(outside)
  useEffect(() => setText(outside), [outside])
  const later = useDebouncedCallback((value: string) => filters.set(name, value), 300)
  return (
    <TextInput
      className={bar['choice'] ?? ''}
      aria-label={label}
      placeholder={label}
      leftSection={<IconSearch size={15} />}
      value={text}
      onChange={(event) => {
        setText(event.currentTarget.value)
        later(event.currentTarget.value)
      }}
      data-testid={`filter-${name}`}
    />
  )
}
