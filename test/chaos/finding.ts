/** Each sentence that has to be true after the storm, with what was counted and what speaks against it. */
export interface Finding {
	readonly sentence: string;
	readonly counted: number;
	readonly against: readonly string[];
}

export const TERMINAL = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'PRUNED'];

/** A run of the experiment, as the storm left it. */
export interface Ended {
	readonly id: string;
	readonly seed: number;
	readonly status: string;
	readonly failure: { readonly kind: string; readonly message: string } | null;
}
