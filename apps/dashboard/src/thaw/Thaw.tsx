import { percent } from '../format/numbers';
import styles from './Thaw.module.css';

/** The colour of a share on the thaw scale, in the theme that holds: CSS mixes as `thawColor` of the domain does. */
export function thawCss(share: number | null): string {
	if (share === null) return 'var(--scratch)';
	const kept = Math.round((1 - Math.min(1, Math.max(0, share))) * 1000) / 10;
	return `color-mix(in oklch, var(--ice) ${kept}%, var(--ember))`;
}

/** Lines of equal colour differ in dashes; frozen shares are hatched. */
export function ThawSwatch({ share }: { readonly share: number | null }) {
	const meaning = share === null ? 'from scratch, nothing carried over' : `${percent(share)} of the parameters learn`;
	return (
		<span
			className={styles.swatch}
			data-frozen={share !== null && share < 0.5 ? '' : undefined}
			style={{ '--thaw': thawCss(share) } as React.CSSProperties}
			title={meaning}
			role="img"
			aria-label={meaning}
		/>
	);
}

/** A strategy by its name, in its colour. */
export function StrategyName({ label, share }: { readonly label: string | null; readonly share: number | null }) {
	return (
		<span className={styles.name}>
			<ThawSwatch share={share} />
			<span className={styles.label} title={label ?? undefined}>
				{label ?? 'no strategy'}
			</span>
		</span>
	);
}
