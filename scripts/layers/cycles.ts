/**
 * The circles of a directed graph, each as the nodes of one strongly connected component in order
 * of discovery; a node that points at itself is a circle too.
 */
export function findCycles(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>()
  const path: string[] = []
  const cycles: string[][] = []

  function visit(node: string): number {
    const index = order.size
    let lowest = index
    order.set(node, index)
    path.push(node)
    for (const next of edges.get(node) ?? []) {
      if (!order.has(next)) lowest = Math.min(lowest, visit(next))
      else if (path.includes(next)) lowest = Math.min(lowest, order.get(next) ?? lowest)
    }
    if (lowest === index) {
      const component = path.splice(path.indexOf(node))
      if (component.length > 1 || edges.get(node)?.includes(node)) cycles.push(component)
    }
    return lowest
  }

  for (const node of edges.keys()) if (!order.has(node)) visit(node)
  return cycles
}
