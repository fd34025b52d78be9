import path from 'node:path';
import { afterAll, describe, it, vi } from 'vitest';
import { BACKEND_NAMES, type BackendName, releaseBackend, selectBackend } from '../backend/index.js';

/** Back ends that every machine has. */
const EVERYWHERE: readonly BackendName[] = ['wasm', 'cpu'];

/**
 * Back ends to test: WebAssembly and the oracle, or the one that GRAFT_TEST_BACKEND names. Those that are left out show
 * as skipped, so that nobody takes them for tested.
 */
export function backendsHere(): readonly BackendName[] {
	const wanted = askedFor();
	const tested = wanted === null ? EVERYWHERE : [wanted];
	for (const name of BACKEND_NAMES) {
		if (!tested.includes(name)) describe.skip(`on ${name}`, () => it(`only with GRAFT_TEST_BACKEND=${name}`, () => {}));
	}
	return tested;
}

/** Computes the tests of this file on a back end: the one given, else GRAFT_TEST_BACKEND's, else WebAssembly. */
export async function useBackend(name: BackendName = askedFor() ?? 'wasm'): Promise<BackendName> {
	await selectBackend(name, path.resolve(process.env.GRAFT_DATA_DIR ?? '.graft'));
	return name;
}

/**
 * Milliseconds that a test may take. A GPU that is emulated on the processor needs a hundred times as long as WebAssembly,
 * and native TensorFlow is started twice, for it is probed in another process.
 */
export function patience(usual: number): number {
	const asked = askedFor();
	return usual * (asked === 'webgpu' ? 100 : asked === null ? 1 : 6);
}

/** Whether a step takes so long here that a test of very many is better short. */
export const isEmulated = (): boolean => askedFor() === 'webgpu';

function askedFor(): BackendName | null {
	const name = process.env.GRAFT_TEST_BACKEND;
	if (name === undefined) return null;
	if (BACKEND_NAMES.includes(name as BackendName)) return name as BackendName;
	throw new Error(`GRAFT_TEST_BACKEND=${name} is none of ${BACKEND_NAMES.join(', ')}`);
}

vi.setConfig({ testTimeout: patience(30_000), hookTimeout: patience(60_000) });
afterAll(releaseBackend);
