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
	{ value: 'examples', axis: 'EXAMPLES', name: 'Examples', label: 'examples seen', whole: true },
	{ value: 'compute', axis: 'COMPUTE', name: 'Compute', label: 'multiply-accumulates', whole: false },
	{ value: 'time', axis: 'WALL_TIME', name: 'Wall time', label: 'seconds since the start', whole: false },
];

/** Why nothing is drawn where there are points: what the axis counts is something that runs log, or that their recipe says. */
export const NOT_ON_AXIS = 'Nothing on this axis: no run here says how far a step is on it';
/** Axes on which every point that is stored has its place. */
export const isOwnAxis = (axis: XAxis): boolean => axis === 'STEP' || axis === 'WALL_TIME';

export function axisOf(value: string): (typeof AXES)[number] {
	return AXES.find((axis) => axis.value === value) ?? (AXES[0] as (typeof AXES)[number]);
}
