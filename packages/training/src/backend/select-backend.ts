import { totalmem } from 'node:os';
import { GraftError } from '@graft/domain/error';
import { BACKEND_NAMES, type BackendPreference, type BackendTry, type SelectedBackend } from './backend.js';
import { loadBackend } from './load-backend.js';

const FASTEST_FIRST = ['tensorflow-gpu', 'tensorflow', 'wasm'] as const;

/**
 * Chooses where this process computes: the fastest that works, or the one that is asked for. Once a process.
 * @throws GraftError CONFIGURATION where the one that is asked for does not work here.
 */
export async function selectBackend(preference: BackendPreference): Promise<SelectedBackend> {
	const candidates = preference === 'auto' ? FASTEST_FIRST : [preference];
	const tried: BackendTry[] = [];
	for (const name of candidates) {
		const { loaded, reason, device } = await loadBackend(name);
		tried.push({ name, loaded, reason });
		if (!loaded) continue;
		const memoryBytes = name === 'tensorflow-gpu' ? null : totalmem();
		return { name, reason: explain(preference, tried), device, memoryBytes, tried };
	}
	const reasons = tried.map((one) => `${one.name}: ${one.reason}`).join('; ');
	const other = preference === 'auto' ? '' : ' Choose another back end, or `auto`.';
	throw new GraftError('CONFIGURATION', `No training back end works here. ${reasons}.${other}`, { tried });
}

/** What each back end says on this machine. Loads them one after the other: for a process that trains nothing. */
export async function probeBackends(): Promise<readonly BackendTry[]> {
	const tries: BackendTry[] = [];
	for (const name of BACKEND_NAMES) {
		const { loaded, reason } = await loadBackend(name);
		tries.push({ name, loaded, reason });
	}
	return tries;
}

function explain(preference: BackendPreference, tried: readonly BackendTry[]): string {
	const chosen = tried.at(-1);
	if (chosen === undefined) return '';
	if (preference !== 'auto') return `${chosen.name} was asked for (${chosen.reason}).`;
	const failed = tried.slice(0, -1).map((one) => `${one.name}: ${one.reason}`);
	const because = failed.length === 0 ? '' : `; faster ones do not work here (${failed.join('; ')})`;
	return `${chosen.name} is the fastest that works: ${chosen.reason}${because}.`;
}
