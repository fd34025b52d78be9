import type { XAxis } from '../gql/graphql';

/** Axes that a page offers, as they stand in the URL. */
export const AXES: readonly {
	readonly value: string;
	readonly axis: XAxis;
	readonly name: string;
	readonly label: string;
	/** Counted, so that ticks are whole numbers. */
	readonly whole: boolean;
}[] = [
	{ value: 'step', axis: 'STEP', name: 'Step', label: 'step', whole: true },
	{ value: 'epoch', axis: 'EPOCH', name: 'Epoch', label: 'epoch', whole: true },
	{ value: 'time', axis: 'WALL_TIME', name: 'Wall time', label: 'seconds since the start', whole: false },
];

export function axisOf(value: string): (typeof AXES)[number] {
	return AXES.find((axis) => axis.value === value) ?? (AXES[0] as (typeof AXES)[number]);
}
