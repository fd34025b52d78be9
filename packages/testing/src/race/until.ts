import { setImmediate } from 'node:timers/promises';

/** Asks again and again until the answer is true. The test's own time limit ends it when it never is. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
	while (!(await holds())) await setImmediate();
}
