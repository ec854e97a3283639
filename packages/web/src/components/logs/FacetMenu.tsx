import { Menu } from './Menu.tsx';

export interface FacetMenuProps {
  readonly label: string;
  readonly counts: ReadonlyMap<string, number>;
  readonly chosen: readonly string[] | undefined;
  readonly onChoose: (values: readonly string[]) => void;
}

/** Chooses some of the pods or containers that there are, with how many lines at hand are whose. */
export function FacetMenu({ label, counts, chosen = [], onChoose }: FacetMenuProps) {
  const values = [...new Set([...counts.keys(), ...chosen])].filter((value) => value !== '').sort();
  if (values.length === 0) return null;
  const words = chosen.length === 0 ? label : `${label}: ${chosen.length}`;
  return (
    <Menu label={words} active={chosen.length > 0}>
      {() => (
        <fieldset className="log-facets">
          <legend className="log-sr">{label}</legend>
          {values.map((value) => (
            <label key={value}>
              <input
                type="checkbox"
                checked={chosen.includes(value)}
                onChange={({ target }) =>
                  onChoose(target.checked ? [...chosen, value] : chosen.filter((one) => one !== value))
                }
              />
              <bdi>{value}</bdi>
              <span className="log-count">{(counts.get(value) ?? 0).toLocaleString('en')}</span>
            </label>
          ))}
          {chosen.length > 0 && (
            <button type="button" className="log-button" onClick={() => onChoose([])}>
              All {label.toLowerCase()}
            </button>
          )}
        </fieldset>
      )}
    </Menu>
  );
}
