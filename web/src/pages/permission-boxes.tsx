import type { Permission } from '~/api/types';

/** Permissions to choose from; one that cannot be given is shown as it is. */
export function PermissionBoxes({ permissions, chosen, isFixed, onChange }: {
  permissions: readonly (Pick<Permission, 'name'> & Partial<Permission>)[];
  chosen: ReadonlySet<string>;
  isFixed?: (name: string) => boolean;
  onChange: (next: ReadonlySet<string>) => void;
}) {
  const turn = (name: string) => onChange(new Set(chosen.has(name) ? [...chosen].filter((x) => x !== name) : [...chosen, name]));
  return permissions.map(({ name, text }) => (
    <label key={name} className="check">
      <input type="checkbox" checked={chosen.has(name)} disabled={isFixed?.(name) ?? false} onChange={() => turn(name)} />
      <span><span className="mono">{name}</span>{text ? <small>{text}</small> : null}</span>
    </label>
  ));
}
