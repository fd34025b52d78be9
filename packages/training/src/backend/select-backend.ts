import { totalmem } from 'node:os';
import { GraftError } from '@graft/domain/error';
import { BACKEND_NAMES, type BackendPreference, type BackendTry, type SelectedBackend } from './backend.js';
import { loadBackend } from './load-backend.js';
import { releaseWebGpu } from './webgpu.js';

const FASTEST_FIRST = ['tensorflow-gpu', 'webgpu', 'tensorflow', 'wasm'] as const;

/**
 * Chooses where this process computes: the fastest that works, or the one that is asked for. Once a process. `dataDir` is
 * where `graft tensorflow link` keeps its build.
 * @throws GraftError CONFIGURATION where the one that is asked for does not work here.
 */
export async function selectBackend(
	preference: BackendPreference,
	dataDir: string | null = null,
): Promise<SelectedBackend> {
	const candidates = preference === 'auto' ? FASTEST_FIRST : [preference];
	const tried: BackendTry[] = [];
	for (const name of candidates) {
		const { loaded, reason, device } = await loadBackend(name, { dataDir, hardwareOnly: preference === 'auto' });
		tried.push({ name, loaded, reason });
		if (!loaded) continue;
		const memoryBytes = name === 'tensorflow-gpu' || name === 'webgpu' ? null : totalmem();
		return { name, reason: explain(preference, tried), device, memoryBytes, tried };
	}
	const reasons = tried.map((one) => `${one.name}: ${one.reason}`).join('; ');
	const other = preference === 'auto' ? '' : ' Choose another back end, or `auto`.';
	throw new GraftError('CONFIGURATION', `No training back end works here. ${reasons}.${other}`, { tried });
}

/** What each back end says on this machine. Loads them one after the other: for a process that trains nothing. */
export async function probeBackends(dataDir: string | null = null): Promise<readonly BackendTry[]> {
	const tries: BackendTry[] = [];
	for (const name of BACKEND_NAMES) {
		const { loaded, reason } = await loadBackend(name, { dataDir, hardwareOnly: false });
		tries.push({ name, loaded, reason });
	}
	return tries;
}

/** Lets go of what would keep the process alive. Nothing can be computed afterwards. */
export function releaseBackend(): void {
	releaseWebGpu();
}

function explain(preference: BackendPreference, tried: readonly BackendTry[]): string {
	const chosen = tried.at(-1);
	if (chosen === undefined) return '';
	if (preference !== 'auto') return `${chosen.name} was asked for (${chosen.reason}).`;
	const failed = tried.slice(0, -1).map((one) => `${one.name}: ${one.reason}`);
	const because = failed.length === 0 ? '' : `; faster ones do not work here (${failed.join('; ')})`;
	return `${chosen.name} is the fastest that works: ${chosen.reason}${because}.`;
}
