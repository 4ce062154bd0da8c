/** A canvas that ECharts draws upon: made once, drawn anew when its option changes, as wide as its place. */
import { BarChart, LineChart } from 'echarts/charts'
import { AriaComponent, GridComponent, LegendComponent, TooltipComponent } from 'echarts/components'
import * as echarts from 'echarts/core'
import { CanvasRenderer } from 'echarts/renderers'
import { useEffect, useRef } from 'react'

echarts.use([
  BarChart,
  LineChart,
  GridComponent,
  LegendComponent,
  TooltipComponent,
  AriaComponent,
  CanvasRenderer,
])

interface PlotProps {
  option: Record<string, unknown>
  label: string
  testId: string
  height?: number
}

export function Plot({ option, label, testId, height = 300 }: PlotProps) {
  const place = useRef<HTMLDivElement>(null)
  const chart = useRef<echarts.ECharts | null>(null)
  useEffect(() => {
    if (!place.current) return
    const made = echarts.init(place.current)
    chart.current = made
    const watcher = new ResizeObserver(() => made.resize())
    watcher.observe(place.current)
    return () => {
      watcher.disconnect()
      made.dispose()
      chart.current = null
    }
  }, [])
  useEffect(() => {
    chart.current?.setOption(
      {
        ...option,
        textStyle: {
          fontFamily: getComputedStyle(document.body).fontFamily,
          ...(option['textStyle'] as object),
        },
      },
      { notMerge: true },
    )
  }, [option])
  return <div ref={place} style={{ height }} role="img" aria-label={label} data-testid={testId} />
}
