/* A name's colour: bound to the value by a hash, so that a service keeps it on every page. */
const SLOTS = 10;

function fnv1a(text: string): number {
  let h = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) h = Math.imul(h ^ byte, 0x01000193) >>> 0;
  return h;
}

/** 1…10. */
export const slotOf = (id: string): number => (fnv1a(id) % SLOTS) + 1;

/**
 * Slots for the names of one chart. Colliding names step on to the next free slot; they are taken in
 * alphabetical order, not by rank, so that a change of amounts moves no colour.
 */
export function slots(ids: readonly string[]): Map<string, number> {
  const taken = new Set<number>();
  const out = new Map<string, number>();
  for (const id of [...ids].sort()) {
    let slot = slotOf(id);
    for (let step = 0; taken.has(slot) && step < SLOTS; step++) slot = (slot % SLOTS) + 1;
    taken.add(slot);
    out.set(id, slot);
  }
  return out;
}

export const colourOf = (slot: number | undefined): string => (slot ? `var(--c${slot})` : 'var(--other)');
