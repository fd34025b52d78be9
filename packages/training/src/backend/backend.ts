/** `cpu` is plain JavaScript: the oracle in tests, chosen only when it is asked for by name. */
export const BACKEND_NAMES = ['tensorflow-gpu', 'webgpu', 'tensorflow', 'wasm', 'cpu'] as const;
export type BackendName = (typeof BACKEND_NAMES)[number];
export type BackendPreference = 'auto' | BackendName;

/** One back end that was tried on this machine. */
export interface BackendTry {
	readonly name: BackendName;
	readonly loaded: boolean;
	/** What was found, or why it does not work here and what would help. */
	readonly reason: string;
}

/** Where the numbers of this process are computed. */
export interface SelectedBackend {
	readonly name: BackendName;
	/** Why this one and not a faster one: one sentence for the log and the workers page. */
	readonly reason: string;
	readonly device: string;
	/** Main memory of the device, where it can be asked for. */
	readonly memoryBytes: number | null;
	readonly tried: readonly BackendTry[];
}
