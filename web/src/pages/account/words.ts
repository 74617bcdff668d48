const BROWSERS: readonly (readonly [RegExp, string])[] = [[/Edg\//, 'Edge'], [/OPR\//, 'Opera'], [/Firefox\//, 'Firefox'], [/Chrome\//, 'Chrome'], [/Safari\//, 'Safari'], [/^farthing/, 'farthing'], [/^curl/, 'curl']];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [[/Android/, 'Android'], [/iPhone|iPad/, 'iOS'], [/Windows/, 'Windows'], [/Mac OS X/, 'macOS'], [/Linux/, 'Linux']];

const named = (agent: string, names: typeof BROWSERS): string | undefined => names.find(([form]) => form.test(agent))?.[1];

/** "Firefox on Linux"; what is not known stands as it called itself. */
export function browserName(agent: string): string {
  const browser = named(agent, BROWSERS);
  const system = named(agent, SYSTEMS);
  return browser ? (system ? `${browser} on ${system}` : browser) : agent || 'unknown';
}
