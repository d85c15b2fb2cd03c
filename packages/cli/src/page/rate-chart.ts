const namespace = "http://www.w3.org/2000/svg"
const pitch = 4
const width = 2.6
const height = 36
const least = 1.5

/** Draws one bar for each count, the highest as high as the chart. */
export function drawRateChart(chart: Element, counts: readonly number[]): void {
  chart.setAttribute("viewBox", `0 0 ${counts.length * pitch} ${height}`)
  while (chart.childElementCount < counts.length) {
    chart.append(document.createElementNS(namespace, "rect"))
  }
  const highest = Math.max(1, ...counts)
  for (const [index, count] of counts.entries()) {
    const bar = chart.children[index]
    const size = Math.max(least, (count / highest) * height)
    bar?.setAttribute("x", String(index * pitch))
    bar?.setAttribute("width", String(width))
    bar?.setAttribute("y", String(height - size))
    bar?.setAttribute("height", String(size))
    bar?.setAttribute("class", count === 0 ? "none" : "some")
  }
}
